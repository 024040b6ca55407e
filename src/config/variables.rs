//! The environment variables: their names, defaults and purposes. README's table of
//! settings has one row for each.

use std::collections::BTreeMap;
use std::fmt;

/// What holds where a variable is not set, or is blank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultValue {
    /// The feature is off.
    Off,
    /// This value.
    Text(&'static str),
    /// Something that is not a value, described for README.
    Described(&'static str),
}

/// An environment variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// Its name, such as `BASE_URL`.
    pub name: &'static str,
    /// What holds without it.
    pub default: DefaultValue,
    /// What it is for; Markdown.
    pub purpose: &'static str,
}

impl fmt::Display for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Declares a constant for each variable, and [`VARIABLES`], so that a variable which can
/// be read is also listed.
macro_rules! variables {
    ($($name:ident, $default:expr, $purpose:literal;)*) => {
        $(pub(super) const $name: Variable =
            Variable { name: stringify!($name), default: $default, purpose: $purpose };)*

        /// Every variable that Honeyguide reads, in README's order.
        pub const VARIABLES: &[Variable] = &[$($name),*];
    };
}

variables! {
    DATABASE_URL, DefaultValue::Text("sqlite:data/honeyguide.db"),
        "`sqlite:path` or `postgres://…`";
    BASE_URL, DefaultValue::Described("`http://localhost` with the port of `LISTEN`"),
        "the public address of this installation, for people and for Stripe";
    LISTEN, DefaultValue::Text("127.0.0.1:3000"),
        "the address and port to listen on";
    SECRET_KEY, DefaultValue::Described("generated into `data/secret.key`"),
        "encrypts secrets at rest; at least 32 characters";
    ADMIN_EMAIL, DefaultValue::Off,
        "with `ADMIN_PASSWORD`: creates the first owner, instead of a setup link";
    ADMIN_PASSWORD, DefaultValue::Off,
        "see `ADMIN_EMAIL`";
    ADMIN_NAME, DefaultValue::Described("the part of `ADMIN_EMAIL` before the @"),
        "the first owner’s name";
    COMPANY_NAME, DefaultValue::Described("the domain of `ADMIN_EMAIL`"),
        "the first owner’s company, which affiliates see";
    TRUSTED_PROXY, DefaultValue::Off,
        "`x-forwarded-for` if a proxy in front sets that header to the client’s address; without it, visitors behind a proxy can’t be told apart";
    METRICS_TOKEN, DefaultValue::Off,
        "the bearer token for `/metrics`, at least 16 characters; without it, only this machine can read the metrics";
    COUNTRY_HEADER, DefaultValue::Off,
        "the header in which a proxy in front sends the visitor’s country, such as `CF-IPCountry`";
    STRIPE_LIVE_SECRET_KEY, DefaultValue::Off,
        "the platform’s secret key for live payments; with `STRIPE_LIVE_CLIENT_ID`, merchants can sign in with Stripe";
    STRIPE_LIVE_CLIENT_ID, DefaultValue::Off,
        "the platform’s client ID for live payments, `ca_…`";
    STRIPE_TEST_SECRET_KEY, DefaultValue::Off,
        "the platform’s secret key for test data; with `STRIPE_TEST_CLIENT_ID`";
    STRIPE_TEST_CLIENT_ID, DefaultValue::Off,
        "see `STRIPE_TEST_SECRET_KEY`";
    STRIPE_SCOPE, DefaultValue::Text("read_only"),
        "`read_write` for a platform that is not an extension (Stripe refuses `read_only` there); `none` for a Stripe App";
    STRIPE_AUTHORIZE_URL, DefaultValue::Text("https://connect.stripe.com/oauth/authorize"),
        "`https://marketplace.stripe.com/oauth/v2/authorize` for a Stripe App";
    STRIPE_TOKEN_URL, DefaultValue::Text("https://connect.stripe.com/oauth/token"),
        "`https://api.stripe.com/v1/oauth/token` for a Stripe App";
    STRIPE_DEAUTHORIZE_URL, DefaultValue::Text("https://connect.stripe.com/oauth/deauthorize"),
        "`none` for a Stripe App";
    STRIPE_API_BASE, DefaultValue::Text("https://api.stripe.com"),
        "the address of Stripe’s API";
    SMTP_URL, DefaultValue::Described("mails are written to `data/mail`"),
        "`smtps://user:password@host` or `smtp://…`";
    MAIL_FROM, DefaultValue::Off,
        "the sender of mails, such as `Honeyguide <partners@example.com>`; required with `SMTP_URL`";
    LINK_GRACE_MINUTES, DefaultValue::Text("60"),
        "how many minutes a charge waits for an invoice that it may belong to";
    LOG, DefaultValue::Text("info"),
        "the log filter, such as `info,engine=debug`";
}

/// The environment. Values are read by [`Variable`], never by a name of their own.
#[derive(Clone, Copy)]
pub(super) struct Environment<'e>(pub &'e BTreeMap<String, String>);

impl<'e> Environment<'e> {
    /// The value that was set; `None` when it is missing or blank.
    pub fn get(self, variable: Variable) -> Option<&'e str> {
        self.0.get(variable.name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// The value, or the default; empty for a variable that has no default value.
    pub fn text(self, variable: Variable) -> &'e str {
        let default = match variable.default {
            DefaultValue::Text(value) => value,
            DefaultValue::Off | DefaultValue::Described(_) => "",
        };
        self.get(variable).unwrap_or(default)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const README: &str = include_str!("../../README.md");

    fn row(variable: &Variable) -> String {
        let default = match variable.default {
            DefaultValue::Off => String::new(),
            DefaultValue::Text(value) => format!("`{value}`"),
            DefaultValue::Described(text) => text.to_owned(),
        };
        format!("| `{}` | {default} | {} |", variable.name, variable.purpose)
    }

    #[test]
    fn readme_lists_every_variable_with_its_default_and_purpose() {
        let rows = README
            .lines()
            .skip_while(|line| *line != "## Configuration")
            .skip_while(|line| !line.starts_with("|---"))
            .skip(1)
            .take_while(|line| line.starts_with('|'));
        assert_eq!(rows.collect::<Vec<_>>(), VARIABLES.iter().map(row).collect::<Vec<_>>());
    }

    #[test]
    fn a_blank_value_means_the_default() {
        let environment = BTreeMap::from([("LOG".to_owned(), "  ".to_owned())]);
        assert_eq!(Environment(&environment).text(LOG), "info");
        assert_eq!(Environment(&environment).get(LOG), None);
    }
}
