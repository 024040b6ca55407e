"""Signs deliveries as PyPI stripe does. A line of JSON in, a Stripe-Signature header out:
{"payload": "{…}", "secret": "whsec_…", "timestamp": 1767225600}
Without a timestamp it signs now.
"""

import json
import sys
import time

import stripe

for line in sys.stdin:
    request = json.loads(line)
    at = request.get("timestamp") or int(time.time())
    signed = f"{at}.{request['payload']}"
    signature = stripe.WebhookSignature._compute_signature(signed, request["secret"])
    print(f"t={at},v1={signature}", flush=True)
