import AsyncHTTPClient
import CZlib
import Crypto
import GRDB
import Logging
