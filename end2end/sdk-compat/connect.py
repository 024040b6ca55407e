"""Uses the sandbox as a platform's server would, with PyPI stripe: OAuth, connected
accounts, keys with too few permissions, limits.

`python sdk-compat/connect.py http://127.0.0.1:PORT CLIENT_ID PLATFORM_KEY MERCHANT RESTRICTED_KEY`
"""

import sys
import urllib.parse
import urllib.request

import stripe

SANDBOX, CLIENT_ID, PLATFORM_KEY, MERCHANT, RESTRICTED_KEY = sys.argv[1:6]
CALLBACK = "http://localhost:1/stripe/callback"
ADDRESSES = {"api": SANDBOX, "connect": SANDBOX}


def client_with(key):
    return stripe.StripeClient(key, client_id=CLIENT_ID, base_addresses=ADDRESSES, max_network_retries=0)


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """No server listens at the callback."""

    def redirect_request(self, *_):
        return None


def post(url, **form):
    """What a browser does with a form; gives the address that it is sent to."""
    try:
        urllib.request.build_opener(NoRedirect).open(url, urllib.parse.urlencode(form).encode())
    except urllib.error.HTTPError as answer:
        assert answer.code == 303, answer
        return answer.headers["location"]
    raise AssertionError("no redirect")


def refused(kind, call):
    """The error that a call must end with."""
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"not refused with {kind.__name__}")


platform = client_with(PLATFORM_KEY)
url = platform.oauth.authorize_url(
    {"response_type": "code", "scope": "read_only", "state": "s1", "redirect_uri": CALLBACK}
)
assert url.startswith(f"{SANDBOX}/oauth/authorize?"), url

denied = post(url, decision="deny")
assert urllib.parse.parse_qs(urllib.parse.urlsplit(denied).query)["error"] == ["access_denied"], denied
allowed = urllib.parse.parse_qs(urllib.parse.urlsplit(post(url, decision="allow", account=MERCHANT)).query)
assert allowed["state"] == ["s1"], allowed
code = {"grant_type": "authorization_code", "code": allowed["code"][0]}
token = platform.oauth.token(code)
assert (token["stripe_user_id"], token["scope"], token["livemode"]) == (MERCHANT, "read_only", False), token

there = {"stripe_account": MERCHANT}
assert platform.v1.accounts.retrieve_current(options=there).id == MERCHANT
for listed in [
    platform.v1.events.list({"types": ["charge.succeeded"], "delivery_success": False}, options=there),
    platform.v1.charges.list({"created": {"gte": 1}, "limit": 1}, options=there),
    platform.v1.invoice_payments.list({"payment": {"type": "payment_intent", "payment_intent": "pi_1"}}, options=there),
    platform.v1.promotion_codes.list({"code": "welcome10", "active": True}, options=there),
]:
    assert listed.object == "list", listed
endpoint = {"url": "https://honeyguide.example/webhooks/stripe", "enabled_events": ["invoice.paid"]}
error = refused(stripe.InvalidRequestError, lambda: platform.v1.webhook_endpoints.create(endpoint, options=there))
assert "Did you mean to create a Connect webhook" in error.user_message, error
error = refused(stripe.PermissionError, lambda: platform.v1.customers.create({"email": "a@b.example"}, options=there))
assert "'read_write' scope" in error.user_message, error

made = platform.v1.webhook_endpoints.create({**endpoint, "connect": True, "api_version": "2025-02-24.acacia"})
assert made.secret.startswith("whsec_"), made
assert "secret" not in platform.v1.webhook_endpoints.retrieve(made.id)
off = platform.v1.webhook_endpoints.update(made.id, {"disabled": True, "metadata": {"a": "b"}})
assert (off.status, off.api_version, off.metadata["a"]) == ("disabled", "2025-02-24.acacia", "b"), off
error = refused(
    stripe.InvalidRequestError,
    lambda: platform.v1.webhook_endpoints.update(made.id, {"api_version": "2023-10-16"}),
)
assert error.user_message == "Received unknown parameter: api_version", error
for _ in range(15):
    platform.v1.webhook_endpoints.create(endpoint)
error = refused(stripe.InvalidRequestError, lambda: platform.v1.webhook_endpoints.create(endpoint))
assert "16" in error.user_message, error

restricted = client_with(RESTRICTED_KEY)
restricted.v1.events.list({"limit": 1})
error = refused(stripe.PermissionError, lambda: restricted.v1.webhook_endpoints.list())
assert "Having the 'rak_webhook_read' permission would allow" in error.user_message, error
post(f"{SANDBOX}/do/fail-calls", failure="429", path="/v1/events", times="1")
error = refused(stripe.RateLimitError, lambda: restricted.v1.events.list())
assert error.headers["stripe-rate-limited-reason"], error.headers
post(f"{SANDBOX}/do/revoke-key", id=RESTRICTED_KEY)
refused(stripe.AuthenticationError, lambda: restricted.v1.events.list())

assert platform.oauth.deauthorize({"stripe_user_id": MERCHANT})["stripe_user_id"] == MERCHANT
error = refused(stripe.oauth_error.InvalidClientError, lambda: platform.oauth.deauthorize({"stripe_user_id": MERCHANT}))
assert "is not connected" in str(error), error
refused(stripe.PermissionError, lambda: platform.v1.accounts.retrieve_current(options=there))
error = refused(stripe.oauth_error.InvalidGrantError, lambda: platform.oauth.token(code))
assert "already been used" in str(error), error
print(f"stripe {stripe.VERSION}")
