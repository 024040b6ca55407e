//! The merchant's side.

use leptos::prelude::*;

use super::super::*;
use crate::forms::Field;
use crate::request::theme::Theme;
use crate::text::When;

pub(super) fn when(text: &str) -> When {
    When { text: text.into(), iso: "2026-11-21T09:41:00-05:00".into() }
}

pub(super) fn account() -> AccountView {
    AccountView {
        name: "Hanna Lindqvist".into(),
        role: "Owner".into(),
        links: vec![("Password".into(), "/password".into())],
        sign_out: "/do/session/end".into(),
        set_theme: "/do/theme/set".into(),
        theme: Theme::System,
        here: "/programs/prg_1".into(),
    }
}

pub(super) fn frame(current: &str) -> Frame {
    let item = |label: &str, icon| NavItem::new(label, "/programs/prg_1", icon, label == current);
    let group = |heading, items| NavGroup { heading, items, folds: heading == "Settings" };
    Frame {
        programs: vec![ProgramChoice {
            name: "Lumen Partners".into(),
            note: "Lumen Notes · USD".into(),
            href: "/programs/prg_1".into(),
            current: true,
        }],
        groups: vec![
            group(
                "Program",
                vec![item("Overview", "overview"), item("Payouts", "payouts").waiting(3, "pending")],
            ),
            group(
                "Affiliates",
                vec![
                    item("All affiliates", "affiliates"),
                    item("Applications", "applications").waiting(2, "to review"),
                ],
            ),
            group(
                "Insights",
                vec![
                    item("Conversions", "conversions"),
                    item("Customers", "customers"),
                    item("Clicks and links", "clicks"),
                ],
            ),
            group("Stripe", vec![item("Events", "events")]),
            group(
                "Settings",
                vec![
                    item("General and terms", "settings"),
                    item("Stripe", "stripe"),
                    item("Tracking", "tracking"),
                ],
            ),
        ],
        account: account(),
        test_bar: None,
        search: Some("/programs/prg_1/search".into()),
        flashes: vec![],
    }
}

pub(super) fn crumbs(last: &str) -> Vec<Crumb> {
    vec![Crumb::link("Lumen Partners", "/programs/prg_1"), Crumb::here(last)]
}

fn periods() -> impl IntoView {
    let periods = [
        ("24 h", "24 hours"),
        ("7 d", "7 days"),
        ("30 d", "30 days"),
        ("90 d", "90 days"),
        ("12 mo", "12 months"),
    ];
    let items = periods.map(|(label, spoken)| Segment {
        label: label.into(),
        spoken: Some(spoken.into()),
        href: "?period=30d".into(),
        current: label == "30 d",
        count: None,
    });
    view! { <Segments label="Period" items=items.to_vec()/> }
}

pub(super) fn overview() -> AnyView {
    let revenue = [
        222, 282, 204, 156, 318, 306, 360, 252, 192, 174, 348, 390, 516, 329, 216, 186, 372, 420, 348, 300,
        240, 198, 390, 444, 378, 426, 1152, 462, 360, 114,
    ];
    let before = [
        252, 186, 222, 168, 294, 276, 312, 282, 156, 180, 324, 360, 312, 332, 198, 174, 294, 354, 438, 276,
        240, 186, 318, 378, 342, 312, 300, 432, 330, 264,
    ];
    let day =
        |index: i64| if index < 9 { format!("{} Oct", 23 + index) } else { format!("{} Nov", index - 8) };
    let points = revenue.into_iter().zip(before).zip(0..).map(|((value, other), index)| ChartPoint {
        label: day(index),
        iso: "2026-11-21".into(),
        value: value * 100,
        other: other * 100,
    });
    let chart = ChartView {
        summary: "Revenue per day in USD, between 114 and 1,152; the peak is on 18 November".into(),
        caption: "Revenue per day in USD".into(),
        step: "Day",
        unit: ChartUnit::Money("usd".parse().unwrap()),
        series: "23 Oct – 21 Nov".into(),
        other: Some("23 Sep – 22 Oct".into()),
        points: points.collect(),
        growing: true,
    };
    let course = vec![20, 12, 38, 28, 56, 64, 52, 76, 85, 72, 92, 100];
    let figures = vec![
        Figure::new("Affiliate revenue", "10,054.80")
            .unit("USD")
            .change("↑ 18.4%", "from 8,492.40")
            .detail("Before 300.00 of refunds")
            .course(course.clone()),
        Figure::new("Commission owed", "3,623.40")
            .unit("USD")
            .change("↑ 13.2%", "from 3,200.90")
            .detail("1,184.70 of it payable now")
            .course(course.clone()),
        Figure::new("Conversions", "93")
            .change("↑ 14.8%", "from 81")
            .detail("61 first payments, 32 renewals")
            .course(course.clone()),
        Figure::new("Active affiliates", "8")
            .change("↑ 1", "from 7")
            .detail("All but one made a sale")
            .course(course),
    ];
    let onboarding = OnboardingView {
        title: "Set the payout method".into(),
        text: "The minimum payout is set, but no way to pay is chosen yet. 3 payouts, 1,086.30 USD in total, are due on 1 Dec."
            .into(),
        actions: view! {
            <a class="button quiet" href="/hide">"Hide"</a>
            <a class="button primary" href="/method">"Choose a method"</a>
        }
        .into_any(),
        done: ["Connect Stripe", "Set the commission", "Install tracking", "Pass the click to checkout", "Invite", "Test a sale"]
            .map(String::from)
            .to_vec(),
        steps: 7,
    };
    let affiliates = [
        ("Mira Okafor", "Desk & Margin, newsletter", "1,284", "31", "3,402.00", "850.50"),
        ("Tomás Rebelo", "Paper Cuts, podcast", "962", "22", "2,236.80", "559.20"),
    ];
    let rows = affiliates.map(|(name, site, clicks, conversions, revenue, commission)| {
        view! {
            <tr>
                <th scope="row"><span class="person"><Avatar name/><span><a href="/affiliate">{name}</a><small>{site}</small></span></span></th>
                <td class="num hide">{clicks}</td>
                <td class="num hide">{conversions}</td>
                <td class="num" data-label=format!("Revenue, {conversions} conversions")>{revenue}</td>
                <td class="num lead">{commission}</td>
            </tr>
        }
    });
    let rows = rows.into_iter().collect_view();
    let task = |icon, title: &str, note: &str| Task {
        icon,
        title: title.into(),
        note: note.into(),
        href: "/tasks".into(),
    };
    let aside = view! {
        <Card id="tasks" title="To do">
            <Tasks items=vec![
                task("payouts", "Confirm 3 pending payouts", "1,086.30 USD, due 1 Dec"),
                task("applications", "Review 2 applications", "The oldest is from 18 Nov"),
                task("help", "4 payments without an affiliate", "2 of them have a likely click"),
            ]/>
        </Card>
        <Card id="funnel" title="From click to customer">
            <CardBody><Funnel steps=vec![
                FunnelStep { label: "Clicks".into(), value: 4_586, rate: Some("9.0% left an email".into()) },
                FunnelStep { label: "Leads".into(), value: 412, rate: Some("14.8% paid".into()) },
                FunnelStep { label: "First payments".into(), value: 61, rate: None },
            ]/></CardBody>
        </Card>
        <Card id="latest" title="Latest activity" aside=view! { <a href="/events">"Events"</a> }.into_any()>
            <CardBody><Feed items=vec![
                FeedItem::new(Cell::Pending, view! { <a href="/c">"24.00 USD for Mira Okafor"</a>", renewal 3 of 12" }, when("49 min ago")),
                FeedItem::new(Cell::Alert, "Dispute opened: 24.00 USD reversed for Kenji Mori", when("2 days ago")),
            ]/></CardBody>
        </Card>
    };
    let columns = vec![
        Column::text("Affiliate"),
        Column::number("Clicks"),
        Column::number("Conversions"),
        Column::number("Revenue, USD"),
        Column::number("Commission, USD"),
    ];
    view! {
        <MerchantShell frame=frame("Overview") crumbs=vec![Crumb::here("Lumen Partners")]>
            <PageHead title="Overview" lead="23 Oct – 21 Nov 2026, compared with the 30 days before. Times in New York." actions=periods().into_any()/>
            <Onboarding view=onboarding/>
            <Figures label="Key figures" items=figures/>
            <Columns aside=aside.into_any()>
                <Card id="revenue" title="Revenue per day" unit="USD"><CardBody><Chart chart/></CardBody></Card>
                <Card id="top" title="Top affiliates" aside=view! { <a href="/affiliates">"All 8"</a> }.into_any()>
                    <Table caption="Affiliates by revenue in the last 30 days" columns style=TableStyle::CARDS.even().spaced()>{rows}</Table>
                </Card>
            </Columns>
        </MerchantShell>
    }
    .into_any()
}

pub(super) fn conversions() -> AnyView {
    let columns = vec![
        Column::text("Payment"),
        Column::text("Date").sorted("?sort=date", Some(Order::Descending)),
        Column::text("Affiliate"),
        Column::text("Credited by"),
        Column::number("Amount").sorted("?sort=-amount", None),
        Column::number("Commission").sorted("?sort=-commission", None),
        Column::text("Status"),
    ];
    let conversions = [
        (
            "Team, monthly",
            "ops@fernway.example",
            "21 Nov",
            "Mira Okafor",
            "Known customer",
            State::PENDING,
            "Payable on 21 Dec if not refunded",
        ),
        (
            "Team, monthly",
            "it@kestrelworks.example",
            "17 Nov",
            "Kenji Mori",
            "Click",
            State::DISPUTED,
            "Reversed on 19 Nov; answer by 3 Dec",
        ),
        (
            "Pro, yearly",
            "moreau@mailbox.example",
            "14 Nov",
            "Lucie Fabre",
            "Lead email",
            State::REFUNDED,
            "In full on 16 Nov; nothing to pay",
        ),
        (
            "Pro, yearly",
            "whitlock@fern.example",
            "4 Nov",
            "Mira Okafor",
            "Click",
            State::PARTLY_REFUNDED,
            "On 12 Nov; the rest is payable on 4 Dec",
        ),
        (
            "Team, monthly",
            "admin@tidepool.example",
            "21 Oct",
            "Ingrid Halvorsen",
            "Known customer",
            State::PAYABLE,
            "Since 20 Nov; in the payout of 1 Dec",
        ),
        (
            "Team, yearly",
            "finance@alder.example",
            "28 Sep",
            "Mira Okafor",
            "Click",
            State::PAID,
            "In the payout of 1 Nov",
        ),
    ];
    let rows = conversions.map(|(product, buyer, date, affiliate, method, state, note)| {
        view! {
            <tr>
                <th scope="row"><a href="/conversion">{product}</a><small>{buyer}</small></th>
                <td data-label="Date" class="nowrap"><Time at=when(date)/><span class="sub">"08:52"</span></td>
                <td data-label="Affiliate" class="nowrap">{affiliate}</td>
                <td data-label="Credited by"><span class="nowrap">{method}</span><span class="sub">"3 days before"</span></td>
                <td class="num" data-label="Amount">"96.00"</td>
                <td class="num lead">"24.00"<small>"of 36.00"</small></td>
                <td class="full"><Status state note/></td>
            </tr>
        }
    });
    let rows = rows.into_iter().collect_view();
    let filter =
        |name: &str, value: &str| Filter { name: name.into(), value: value.into(), remove: "?".into() };
    let filters = vec![filter("Amount", "at least 90.00 USD"), filter("Status", "all but canceled")];
    view! {
        <MerchantShell frame=frame("Conversions") crumbs=crumbs("Conversions")>
            <PageHead title="Conversions" lead="Payments credited to an affiliate, 24 Aug – 21 Nov 2026. Amounts in USD, times in New York." actions=periods().into_any()/>
            <section class="stack tight" aria-label="Conversions">
                <div class="page-head">
                    <Filters filters clear="?" action="/conversions" keep=vec![("period".into(), "90d".into())]>
                        <SelectField field=Field::with_value("status", "") label="Status" choices=vec![Choice::plain("", "Any"), Choice::plain("pending", "Pending")]/>
                    </Filters>
                    <a class="button" href="/conversions.csv"><Icon name="download"/>"Export CSV"</a>
                </div>
                <PlainCard>
                    <Table caption="Conversions, newest first" columns style=TableStyle::WIDE>{rows}</Table>
                    <Pager newer=None older=Some("?before=x".into()) note="Newest first, 50 to a page"/>
                </PlainCard>
            </section>
        </MerchantShell>
    }
    .into_any()
}

pub(super) fn conversion() -> AnyView {
    let aside = view! {
        <Card id="sum" title="How it was computed">
            <CardBody><Receipt caption="From the price to the commission, in USD" lines=vec![
                ReceiptLine::new("Pro, yearly", "180.00"),
                ReceiptLine::new("Discount", "−36.00").gap(),
                ReceiptLine::new("Base", "144.00").sum(),
                ReceiptLine::new("25% of the base", "36.00"),
                ReceiptLine::new("Refund", "−6.00").note("26.13 of 156.78 = one sixth").gap(),
                ReceiptLine::new("Commission now", "30.00 USD").result(),
            ]/></CardBody>
        </Card>
        <Card id="time" title="What happened">
            <CardBody><Timeline items=vec![
                Happening::new(Cell::Dot, "Click on /r/mira", when("1 Nov 2026, 09:14")).text("From deskandmargin.example to /compare/paper"),
                Happening::new(Cell::Pending, "Paid 156.78 USD", when("4 Nov 2026, 14:02")),
                Happening::new(Cell::Empty, "Hold ends", when("4 Dec 2026")).text("30.00 USD become payable").future(),
            ]/></CardBody>
        </Card>
    };
    view! {
        <MerchantShell frame=frame("Conversions") crumbs=crumbs("cnv_01kbm…7t4e")>
            <PageHead title="30.00 USD for Mira Okafor" lead="Pro, yearly · whitlock@fern.example"/>
            <Notice title="Partly refunded, payable on 4 Dec 2026" cell=Cell::Half>"One sixth of the payment was refunded on 12 Nov."</Notice>
            <Columns aside=aside.into_any()>
                <Card id="checks" title="Why Mira Okafor was credited" aside=view! { <p>"3 checks, in order"</p> }.into_any() foot=view! { <span>"Terms version 3"</span><a href="/terms">"See terms"</a> }.into_any()>
                    <Checks items=vec![
                        CheckItem::new("Customer already known", Verdict::NoMatch, "The customer had no earlier payment."),
                        CheckItem::new("Click token in the metadata", Verdict::Decided, view! { <code>"honeyguide_click"</code>" names a click on Mira’s link." }),
                        CheckItem::new("Email of a tracked lead", Verdict::NotNeeded, "A lead with this address was tracked."),
                    ]/>
                </Card>
            </Columns>
        </MerchantShell>
    }
    .into_any()
}
