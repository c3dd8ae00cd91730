"""A `credential_process`: prints keys of a session with the emulator, as a login program would.

    session.py URL SECONDS FILE

The session lasts so many seconds of the emulator's time. Each run adds a byte to the file.
"""

import json
import sys
import urllib.request

url, seconds, count = sys.argv[1:]
request = urllib.request.Request(f"{url}/emulator/credentials", json.dumps({"seconds": int(seconds)}).encode())
with urllib.request.urlopen(request) as answer:
    keys = json.load(answer)
with open(count, "a") as file:
    file.write("x")
print(json.dumps({
    "Version": 1, "AccessKeyId": keys["accessKeyId"], "SecretAccessKey": keys["secretAccessKey"],
    "SessionToken": keys["sessionToken"], "Expiration": keys["expiration"],
}))
