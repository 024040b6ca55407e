"""Uses the sandbox as a merchant's server and a receiver of webhooks would, with PyPI
stripe: `python sdk-compat/client.py http://127.0.0.1:PORT`.
"""

import http.server
import queue
import sys
import threading
import urllib.parse
import urllib.request

import stripe

SANDBOX = sys.argv[1]
EVENTS = ["charge.refunded", "charge.succeeded", "checkout.session.completed"]

received = queue.Queue()


class Receiver(http.server.BaseHTTPRequestHandler):
    """Keeps what is posted to it."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        received.put((body, self.headers["stripe-signature"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """A checkout leads to the shop's page of thanks, which does not exist here."""

    def redirect_request(self, *_):
        return None


def pay(url):
    """Fills in the checkout page, as a buyer does."""
    form = {"email": "ann@buyers.example", "name": "Ann", "method": "card"}
    form |= {"card": "4242 4242 4242 4242", "expiry": "12/34", "cvc": "123"}
    try:
        urllib.request.build_opener(NoRedirect).open(url, urllib.parse.urlencode(form).encode())
    except urllib.error.HTTPError as answer:
        assert answer.code == 303, answer


server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = stripe.StripeClient("sk_test_merchant", base_addresses={"api": SANDBOX}, max_network_retries=0)

endpoint = client.v1.webhook_endpoints.create(
    {"url": f"http://127.0.0.1:{server.server_port}/", "enabled_events": EVENTS, "api_version": stripe.api_version}
)
product = client.v1.products.create({"name": "Lumen Atlas"})
price = client.v1.prices.create({"product": product.id, "currency": "usd", "unit_amount": 4900})
session = client.v1.checkout.sessions.create(
    {
        "mode": "payment",
        "line_items": [{"price": price.id, "quantity": 1}],
        "metadata": {"honeyguide_click": "hgc_1"},
        "payment_intent_data": {"metadata": {"honeyguide_click": "hgc_1"}},
        "success_url": "http://localhost/thanks",
    }
)
pay(session.url)
paid = client.v1.checkout.sessions.retrieve(session.id)
assert (paid.payment_status, paid.amount_total) == ("paid", 4900), paid
intent = client.v1.payment_intents.retrieve(paid.payment_intent)
assert intent.metadata["honeyguide_click"] == "hgc_1", intent
refund = client.v1.refunds.create({"payment_intent": intent.id, "amount": 900})
assert refund.status == "succeeded", refund
try:
    client.v1.refunds.create({"payment_intent": intent.id, "amount": 9_999})
    raise AssertionError("more than was paid was refunded")
except stripe.InvalidRequestError:
    pass

types = []
for _ in EVENTS:
    body, header = received.get(timeout=20)
    event = stripe.Webhook.construct_event(body, header, endpoint.secret)
    types.append(event.type)
    try:
        stripe.Webhook.construct_event(body + b" ", header, endpoint.secret)
        raise AssertionError("a changed body was taken")
    except stripe.SignatureVerificationError:
        pass
assert sorted(types) == EVENTS, types

listed = [event.type for event in client.v1.events.list({"types": EVENTS, "limit": 2}).auto_paging_iter()]
assert set(EVENTS) <= set(listed), listed
assert client.v1.webhook_endpoints.delete(endpoint.id).deleted
print(f"stripe {stripe.VERSION} {stripe.api_version}")
