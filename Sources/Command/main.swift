import ArgumentParser

print("stub")
