//! Commands for Stripe's own command-line client, as the pages print them.

/// The version whose events contain most: from the next one on a charge no longer names its
/// invoice and has to wait for it.
pub const BEST_VERSION: &str = "2025-02-24.acacia";

/// Forwards events of some types to an address of this machine. Since version 1.52 the client
/// wants to be told what to forward.
pub fn listen_command(url: &str, types: &[&str]) -> String {
    format!("stripe listen --events {} --forward-to {url}", types.join(","))
}

/// Creates an endpoint that sends events of some types to an address.
pub fn endpoint_command(url: &str, types: &[&str]) -> String {
    let events = types.iter().enumerate();
    let events: Vec<String> =
        events.map(|(index, kind)| format!("  -d \"enabled_events[{index}]={kind}\"")).collect();
    format!(
        "stripe webhook_endpoints create \\\n  --url=\"{url}\" \\\n  -d \"api_version={BEST_VERSION}\" \\\n{}",
        events.join(" \\\n")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_name_every_type_once() {
        let types = ["invoice.paid", "charge.refunded"];
        let text = endpoint_command("https://x.example/webhooks/stripe/t", &types);
        for kind in types {
            assert_eq!(text.matches(&format!("={kind}\"")).count(), 1, "{kind}");
        }
        assert_eq!(
            listen_command("http://localhost:3000/x", &types),
            "stripe listen --events invoice.paid,charge.refunded --forward-to http://localhost:3000/x"
        );
    }
}
