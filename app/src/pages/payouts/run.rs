//! One payout run: reviewing, approving, sending, and recording the outcome of each payout.

use domain::ids::AffiliateId;
use domain::money::Currency;
use domain::payouts::{PayoutStatus, RunStatus};
use engine::payouts::{PayoutRow, RunDetail, Step, Sum};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::actions::{ApproveRun, DiscardRun, MarkFailed, MarkPaid, MarkSent, RemovePayout};
use crate::components::*;
use crate::forms::FormState;
use crate::forms::submission::take_form;
use crate::layout::{ProgramPage, Section};
use crate::pages::page;
use crate::presenters::payouts::{method_lines, payout_state, rail_help, rail_word, run_state, sums_text};
use crate::request::access::{Access, parameter};
use crate::request::queries::Parameters;
use crate::text::{money, plural};

const ROWS: i64 = 100;

/// One payout run.
#[component]
pub fn PayoutRun() -> impl IntoView {
    page(run())
}

async fn run() -> Access<AnyView> {
    let page = ProgramPage::load().await?;
    let id = parameter("run")?;
    let parameters = Parameters::of_request();
    let after: Option<(AffiliateId, Currency)> = parameters.get("after").and_then(|after| {
        let (affiliate, currency) = after.split_once(':')?;
        Some((affiliate.parse().ok()?, currency.parse().ok()?))
    });
    let (engine, actor, program) = (&page.engine, &page.actor, &page.program.id);
    let detail = engine::payouts::run(engine, actor, program, &id).await?;
    let from = after.as_ref().map(|(affiliate, currency)| (affiliate, *currency));
    let mut rows = engine::payouts::payouts_of(engine, actor, program, &id, from, ROWS + 1).await?;
    let more = rows.len() > ROWS as usize;
    rows.truncate(ROWS as usize);
    let path = page.routes().payout_run(&id);
    let older = rows.last().filter(|_| more).map(|last| {
        let key = format!("{}:{}", last.payout.affiliate_id, last.payout.currency.code());
        Parameters::default().with("after", &key).on(&path)
    });
    let newer = after.is_some().then_some(path);
    let form = take_form(MarkFailed::PATH).await;
    let title = format!("Run {}", detail.run.number);
    page.title(&title, form.has_errors());
    let routes = page.routes();
    let crumbs = page.crumbs(&[("Payouts", routes.payouts()), ("Runs", routes.payout_runs())], title.clone());
    let until = page.zone.date(detail.run.until).text;
    let payouts: i64 = counted(&detail).map(|sum| sum.payouts).sum();
    let lead = format!("{}, balances up to {until}", plural(payouts, "payout", "payouts"));
    let actions = head_actions(&page, &detail);
    let parts = view! {
        {steps(&page, &detail)}
        {next(&page, &detail)}
        {sums(&detail)}
        {files(&page, &detail)}
        {results(&page, &detail)}
        {table(&page, &detail, &rows, &form, newer, older)}
    };
    Ok(view! {
        <MerchantShell frame=page.frame(Section::Payouts) crumbs>
            <PageHead title state=run_state(detail.run.status) lead_view=view! { <span class="muted">{lead}</span> }.into_any() actions/>
            {parts}
        </MerchantShell>
    }
    .into_any())
}

/// The sum of the payouts that were not removed.
fn counted(detail: &RunDetail) -> impl Iterator<Item = &Sum> {
    detail.sums.iter().filter(|sum| sum.status != PayoutStatus::Removed)
}

fn number(detail: &RunDetail, status: PayoutStatus) -> i64 {
    detail.sums.iter().filter(|sum| sum.status == status).map(|sum| sum.payouts).sum()
}

/// A form with one button.
fn button(
    page: &ProgramPage,
    detail: &RunDetail,
    action: &'static str,
    class: &'static str,
    words: String,
) -> AnyView {
    view! {
        <form method="post" action=action>
            <input type="hidden" name="program" value=page.program.id.to_string()/>
            <input type="hidden" name="run" value=detail.run.id.to_string()/>
            <button class=class>{words}</button>
        </form>
    }
    .into_any()
}

fn head_actions(page: &ProgramPage, detail: &RunDetail) -> AnyView {
    if detail.run.status.is_open() {
        button(page, detail, DiscardRun::PATH, "button danger", "Discard draft".to_owned())
    } else {
        ().into_any()
    }
}

/// Where the run stands: drafted, approved, sent, paid.
fn steps(page: &ProgramPage, detail: &RunDetail) -> AnyView {
    let run = &detail.run;
    let by = |step: &Step| {
        let name = step.name.clone().unwrap_or_else(|| "Automatically".to_owned());
        format!("{name}, {}", page.zone.recent(step.at, page.now).text)
    };
    let (paid, failed) = (number(detail, PayoutStatus::Paid), number(detail, PayoutStatus::Failed));
    let all: i64 = counted(detail).map(|sum| sum.payouts).sum();
    let discarded = run.status == RunStatus::Discarded;
    let last = match failed {
        0 => format!("{paid} of {all}"),
        failed => format!("{paid} of {all}, {failed} failed"),
    };
    let waits = |done: bool, words: &str| if done || discarded { String::new() } else { words.to_owned() };
    let items = [
        ("Drafted", Some(by(&run.drafted)), String::new()),
        ("Approved", run.approved.as_ref().map(by), waits(run.approved.is_some(), "Waits for approval")),
        ("Sent", run.sent.as_ref().map(by), waits(run.sent.is_some(), "You send the money")),
        ("Paid", (run.status == RunStatus::Completed).then(|| last.clone()), waits(false, &last)),
    ];
    let current = items.iter().position(|(_, done, _)| done.is_none()).filter(|_| !discarded);
    let items = items.into_iter().enumerate().map(|(place, (title, done, waiting))| {
        let is_failed = title == "Paid" && failed > 0;
        let (state, cell) = match &done {
            _ if is_failed => (Some("failed"), Cell::Alert),
            Some(_) => (Some("done"), Cell::Paid),
            None if current == Some(place) => (None, Cell::Pending),
            None => (None, Cell::Dashed),
        };
        let is_current = (current == Some(place) && !is_failed).then_some("step");
        view! { <li data-state=state aria-current=is_current><CellIcon cell/><b>{title}</b><small>{done.unwrap_or(waiting)}</small></li> }
    });
    view! { <ol class="run-steps" aria-label="Where this run stands">{items.collect_view()}</ol> }.into_any()
}

/// The next step, and who can take it.
fn next(page: &ProgramPage, detail: &RunDetail) -> AnyView {
    let run = &detail.run;
    let open = number(detail, PayoutStatus::Open);
    let payouts = plural(open, "payout", "payouts");
    match run.status {
        RunStatus::Preparing => view! {
            <Notice title="Preparing payouts">"Balances are being claimed. Reload this page in a moment."</Notice>
        }
        .into_any(),
        RunStatus::Draft if open == 0 => view! {
            <Notice title="No payouts left">"Every payout was removed. Discard this draft."</Notice>
        }
        .into_any(),
        RunStatus::Draft => {
            let own = run.drafted.by.as_ref() == Some(page.actor.account_id());
            if detail.needs_second && own {
                return view! {
                    <Notice title="A second person has to approve">
                        "This run is above your program’s limit, so the person who drafted it can’t approve it."
                    </Notice>
                }
                .into_any();
            }
            let approve = button(page, detail, ApproveRun::PATH, "button primary", format!("Approve {payouts}"));
            view! {
                <Notice title="Check the payouts, then approve" actions=approve>
                    "Approving writes the files for your bank, Wise and PayPal. Honeyguide never moves money itself."
                </Notice>
            }
            .into_any()
        }
        RunStatus::Approved => {
            let sent = button(page, detail, MarkSent::PATH, "button primary", "Mark as sent".to_owned());
            view! {
                <Notice title="Send the money" actions=sent>
                    "Download the files, upload them to your bank or payment service, then mark the run as sent."
                </Notice>
            }
            .into_any()
        }
        RunStatus::Sent if open > 0 => {
            let paid = button(page, detail, MarkPaid::PATH, "button primary", format!("Mark {payouts} as paid"));
            view! {
                <Notice title="Confirm what arrived" actions=paid>
                    "If a payout was returned, mark it as failed first. Its amount becomes payable again."
                </Notice>
            }
            .into_any()
        }
        RunStatus::Sent | RunStatus::Completed | RunStatus::Discarded => ().into_any(),
    }
}

/// The sums by currency, each with the ledger entries that make it up.
fn sums(detail: &RunDetail) -> AnyView {
    let held = || detail.sums.iter().filter(|sum| sum.status.has_entries());
    let mut currencies: Vec<Currency> = held().map(|sum| sum.currency).collect();
    currencies.dedup();
    if currencies.is_empty() {
        return ().into_any();
    }
    let items = currencies.into_iter().map(|currency| {
        let of = || held().filter(move |sum| sum.currency == currency);
        let (payouts, entries): (i64, i64) =
            of().fold((0, 0), |(payouts, entries), sum| (payouts + sum.payouts, entries + sum.entries));
        let total = sums_text(of());
        let check = format!("Sum of {} = {total}", plural(entries, "ledger entry", "ledger entries"));
        view! {
            <div>
                <dt>{plural(payouts, "payout", "payouts")}" in "{currency.to_string()}</dt>
                <dd class="value">{total}</dd>
                <dd class="assert"><CellIcon cell=Cell::Paid/><span>{check}</span></dd>
            </div>
        }
    });
    view! { <section aria-label="Sums"><dl class="sums">{items.collect_view()}</dl></section> }.into_any()
}

fn files(page: &ProgramPage, detail: &RunDetail) -> Option<AnyView> {
    if detail.files.is_empty() {
        return None;
    }
    let items = detail.files.iter().map(|file| {
        let name = format!("{}-{}", file.rail.word().replace('_', "-"), file.currency.code());
        let href = page.routes().payout_file(&detail.run.id, name);
        let what = format!(
            "{}, {}. {}",
            plural(file.payouts, "payout", "payouts"),
            money(file.amount, file.currency),
            rail_help(file.rail)
        );
        let hash = format!("SHA-256 {}…", file.sha256.get(..16).unwrap_or_default());
        view! {
            <li>
                <b>{rail_word(file.rail)}" "{file.currency.to_string()}</b>
                <small>{what}" "<span class="mono">{hash}</span></small>
                <a class="button" href=href download="">"Download"</a>
            </li>
        }
    });
    let list = view! { <ul class="files">{items.collect_view()}</ul> };
    let foot = view! { <span>"Each download is the same file, byte for byte."</span> };
    Some(view! { <Card id="files" title="Files" foot=foot.into_any()>{list}</Card> }.into_any())
}

/// The form for what the bank or the payment service answers.
fn results(page: &ProgramPage, detail: &RunDetail) -> Option<AnyView> {
    detail.run.approved.as_ref()?;
    let action = page.routes().payout_results(&detail.run.id);
    Some(
        view! {
            <Card id="results" title="Results from your bank or payment service">
                <CardBody>
                    <form class="stack tight" method="post" action=action enctype="multipart/form-data">
                        <div class="field">
                            <label for="file">"Result file"</label>
                            <p class="hint" id="file-hint">
                                "A payment status report (pain.002), or a CSV file with payout ids and a column named “status”. Up to 2 MB."
                            </p>
                            <input class="input" id="file" name="file" type="file" accept=".xml,.csv" aria-describedby="file-hint"/>
                        </div>
                        <div><button class="button">"Apply results"</button></div>
                    </form>
                </CardBody>
            </Card>
        }
        .into_any(),
    )
}

fn table(
    page: &ProgramPage,
    detail: &RunDetail,
    rows: &[PayoutRow],
    form: &FormState,
    newer: Option<String>,
    older: Option<String>,
) -> AnyView {
    let mut columns = vec![
        Column::text("Affiliate"),
        Column::text("Method"),
        Column::text("Status"),
        Column::number("Entries"),
    ];
    columns.push(Column::number("Amount"));
    columns.push(Column::text("Actions"));
    let rows = rows.iter().map(|row| one(page, detail, row, form)).collect_view();
    let pages = newer.is_some() || older.is_some();
    let note = detail
        .run
        .status
        .is_open()
        .then(|| view! { <p class="muted">"A removed payout is payable again at once."</p> }.into_any());
    let file = page.routes().payouts_of_run_csv(&detail.run.id);
    let aside = view! { {note}<a class="button" href=file><Icon name="download"/>"Export CSV"</a> };
    view! {
        <Card id="payouts" title="Payouts" aside=aside.into_any()>
            <Table caption="Payouts of this run" columns style=TableStyle::CARDS.even().spaced()>{rows}</Table>
            {pages.then(|| view! { <Pager newer older by_name=true/> })}
        </Card>
    }
    .into_any()
}

fn one(page: &ProgramPage, detail: &RunDetail, row: &PayoutRow, form: &FormState) -> AnyView {
    let (method, sub) = row.method.as_ref().map_or_else(
        || ("None".to_owned(), "Pay manually".to_owned()),
        |(kind, hint)| method_lines(*kind, hint),
    );
    let (state, note) = payout_state(row, &page.zone, page.now);
    let statement = page.routes().statement(&row.payout.id);
    let name = if row.payout.status.has_entries() && detail.run.approved.is_some() {
        view! { <a href=statement>{row.name.clone()}</a> }.into_any()
    } else {
        view! { <a href=page.routes().affiliate(&row.payout.affiliate_id)>{row.name.clone()}</a> }.into_any()
    };
    view! {
        <tr>
            <th scope="row"><span class="person"><Avatar name=row.name.clone()/>{name}</span></th>
            <td data-label="Method">{method}<span class="sub">{sub}</span></td>
            <td data-label="Status"><Status state note/></td>
            <td data-label="Entries" class="num">{row.payout.entries}</td>
            <td class="num lead">{money(row.payout.amount, row.payout.currency)}</td>
            <td class="full actions-cell">{row_actions(page, detail, row, form)}</td>
        </tr>
    }
    .into_any()
}

fn row_actions(page: &ProgramPage, detail: &RunDetail, row: &PayoutRow, form: &FormState) -> AnyView {
    let hidden = |action: &'static str, class: &'static str, words: &'static str, label: String| {
        view! {
            <form method="post" action=action>
                <input type="hidden" name="program" value=page.program.id.to_string()/>
                <input type="hidden" name="run" value=detail.run.id.to_string()/>
                <input type="hidden" name="payout" value=row.payout.id.to_string()/>
                <button class=class aria-label=label>{words}</button>
            </form>
        }
        .into_any()
    };
    let (open, name) = (row.payout.status == PayoutStatus::Open, &row.name);
    if detail.run.status.is_open() && open {
        return hidden(RemovePayout::PATH, "button quiet", "Remove", format!("Remove the payout to {name}"));
    }
    let failable = (open && detail.run.status.can_settle()) || row.payout.status == PayoutStatus::Paid;
    let paid = (open && detail.run.status.can_settle())
        .then(|| hidden(MarkPaid::PATH, "button", "Mark paid", format!("Mark the payout to {name} as paid")));
    let was_sent = form.value("payout", "") == row.payout.id.as_str();
    let fail = failable.then(|| {
        let field = if was_sent { form.field("reason", "") } else { FormState::default().field("reason", "") };
        view! {
            <details class="menu" open=was_sent>
                <summary class="button quiet" aria-label=format!("The payout to {name} failed")>"Failed…"</summary>
                <div class="menu-panel">
                    <form class="menu-form" method="post" action=MarkFailed::PATH novalidate>
                        <input type="hidden" name="program" value=page.program.id.to_string()/>
                        <input type="hidden" name="run" value=detail.run.id.to_string()/>
                        <input type="hidden" name="payout" value=row.payout.id.to_string()/>
                        <TextField field label="Reason" hint="The affiliate sees it"/>
                        <button class="button primary">"Mark as failed"</button>
                    </form>
                </div>
            </details>
        }
    });
    view! { <span class="inline-actions">{paid}{fail}</span> }.into_any()
}
