@_exported public import Replication
