import ArgumentParser
import Yams
import MergeServer
print("field")
