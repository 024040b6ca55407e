//! The affiliate's side and sign-in.

use leptos::prelude::*;

use super::super::*;
use super::merchant_pages::account;
use crate::forms::Field;

pub(super) fn affiliate_home() -> AnyView {
    let tab = |label: &str| Tab {
        label: label.into(),
        href: "/affiliate/prg_1".into(),
        current: label == "Overview",
        ..Tab::default()
    };
    let frame = SiteFrame {
        name: "Lumen Partners".into(),
        by: "by Lumen Notes".into(),
        home: "/affiliate/prg_1".into(),
        tabs: ["Overview", "Links", "Earnings", "Clicks", "Terms"].map(tab).to_vec(),
        account: Some(AccountView { name: "Kenji Mori".into(), role: "Affiliate".into(), ..account() }),
        foot: vec![
            ("Terms".into(), "/terms".into()),
            ("Contact".into(), "mailto:hello@lumennotes.example".into()),
        ],
        test_bar: None,
        flashes: vec![],
    };
    let facts = ["60-day window", "30-day hold", "100.00 USD minimum"].map(String::from).to_vec();
    let figures = vec![
        Figure::new("Total earned", "573.00").unit("USD").detail("Since 3 Jun 2026, net of refunds"),
        Figure::new("On hold", "192.00")
            .unit("USD")
            .state(State::PENDING)
            .detail("The next 24.00 are free on 25 Nov"),
        Figure::new("Payable", "62.40")
            .unit("USD")
            .state(State::PAYABLE)
            .detail("Minimum payout: 100.00 USD"),
        Figure::new("Paid", "318.60")
            .unit("USD")
            .state(State::PAID)
            .detail("2 payouts, the last on 1 Oct 2026"),
    ];
    let text = view! { "Leads to lumennotes.example. Add "<code>"?s="</code>" and a word to tell placements apart." };
    let aside = view! {
        <Card id="counts" title="Last 30 days">
            <CardBody><Facts compact=true items=vec![Fact::new("Clicks", "402"), Fact::new("Leads", "38, 9.5% of clicks")]/></CardBody>
        </Card>
    };
    view! {
        <SiteShell frame>
            <RewardHead title="Overview" reward="You earn 25% of each payment for 12 months" facts/>
            <LinkCard title="Your link" url="https://partners.lumennotes.example/r/kenji" text=text.into_any() files=("/png".to_owned(), "/svg".to_owned()) actions=view! { <a class="button" href="/new"><Icon name="plus"/>"New link"</a> }.into_any()/>
            <Figures label="Your money" items=figures/>
            <Card id="payout" title="Next payout">
                <CardBody>
                    <Goal amount="62.40" of="of 100.00 USD" progress=Progress::amount(6_240, 6_000, 10_000, 10)>
                        <p>"60.00 USD leave the hold by 30 Nov."</p>
                        <p class="muted">"To your bank account ending in 4402."</p>
                    </Goal>
                </CardBody>
            </Card>
            <Columns aside=aside.into_any()>
                <Card id="earnings" title="Latest earnings" unit="USD">
                    <EmptyState title="No earnings yet" text="Payments credited to you appear here." first_use=true actions=view! { <a class="button primary" href="/links">"Share your link"</a> }.into_any()/>
                </Card>
            </Columns>
        </SiteShell>
    }
    .into_any()
}

pub(super) fn login() -> AnyView {
    let foot = view! { "Affiliates sign in here, too. "<a href="/password">"Forgot your password?"</a> };
    view! {
        <CenteredShell test_bar=None foot=foot.into_any()>
            <h1>"Sign in"</h1>
            <form class="form" action="/do/session/start" method="post" novalidate>
                <EmailField field=Field::with_value("email", "hanna@lumennotes.example") label="Email" autocomplete="username"/>
                <PasswordField field=Field::empty("password") label="Password"/>
                <FormActions submit="Sign in" wide=true/>
            </form>
        </CenteredShell>
    }
    .into_any()
}
