//! How a server puts the token of a click into a Checkout Session.

/// With `stripe` from npm.
pub const NODE: &str = r#"const click = request.cookies.hg_click; // undefined for visitors without a click
const metadata = click ? { honeyguide_click: click } : {};

const session = await stripe.checkout.sessions.create({
  mode: "subscription",
  line_items: [{ price: "price_…", quantity: 1 }],
  client_reference_id: click,
  metadata,
  subscription_data: { metadata }, // with mode "payment": payment_intent_data: { metadata }
  success_url: "https://example.com/thanks",
});"#;

/// With `stripe` from PyPI.
pub const PYTHON: &str = r#"click = request.cookies.get("hg_click")  # None for visitors without a click
metadata = {"honeyguide_click": click} if click else {}
reference = {"client_reference_id": click} if click else {}

session = stripe.checkout.Session.create(
    mode="subscription",
    line_items=[{"price": "price_…", "quantity": 1}],
    metadata=metadata,
    subscription_data={"metadata": metadata},  # with mode="payment": payment_intent_data
    success_url="https://example.com/thanks",
    **reference,
)"#;

/// A page reports a lead.
pub const LEAD_PAGE: &str = "await Honeyguide.lead({ email: form.email.value });";

/// A server reports a lead.
pub fn lead_server(base: &str, program: &str) -> String {
    format!(
        r#"curl {base}/api/v1/programs/{program}/leads \
  -H "Authorization: Bearer $HONEYGUIDE_KEY" \
  -H "Content-Type: application/json" \
  -d '{{"email": "ana@mailbox.example", "clickToken": "'"$HG_CLICK"'"}}'"#
    )
}

/// A server signs a lead that its page reports.
pub const LEAD_SIGNED: &str = r#"// on your server, with the address that it has stored
const signature = crypto
  .createHmac("sha256", process.env.HONEYGUIDE_LEAD_SECRET)
  .update(`${request.cookies.hg_click}.${email.trim().toLowerCase()}`)
  .digest("hex");

// in the page
await Honeyguide.lead({ email, signature });"#;

/// The fields themselves.
pub const CURL: &str = r#"curl https://api.stripe.com/v1/checkout/sessions \
  -u "$STRIPE_SECRET_KEY:" \
  -d mode=subscription \
  -d "line_items[0][price]"=price_… \
  -d "line_items[0][quantity]"=1 \
  -d client_reference_id="$HG_CLICK" \
  -d "metadata[honeyguide_click]"="$HG_CLICK" \
  -d "subscription_data[metadata][honeyguide_click]"="$HG_CLICK" \
  --data-urlencode success_url=https://example.com/thanks
# with mode=payment: payment_intent_data[metadata][honeyguide_click]"#;
