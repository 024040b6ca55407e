//! The receipt of an earning, for the affiliate and for the company.

use domain::ids::ConversionId;
use engine::ledger::receipts::{self, Receipt};
use leptos::prelude::*;

use crate::components::{
    Breadcrumbs, Card, CardBody, Crumb, Fact, Facts, Icon, MerchantShell, PageHead, SiteShell,
};
use crate::layout::{AffiliateProgramPage, AffiliateSection, ProgramPage, Section};
use crate::pages::page;
use crate::presenters::receipt::ReceiptSheet;
use crate::request::access::{Access, parameter};
use crate::routes;
use crate::text::short_id;

/// The receipt of one of the signed-in affiliate's earnings.
#[component]
pub fn OwnReceipt() -> impl IntoView {
    page(own())
}

async fn own() -> Access<AnyView> {
    let page = AffiliateProgramPage::load().await?;
    let id: ConversionId = parameter("conversion")?;
    let (engine, actor) = (&page.page.engine, &page.page.actor);
    let receipt = receipts::own(engine, actor, &page.program.id, &id).await?;
    let key = receipts::keys(engine).await?.first().map(|key| key.base64()).unwrap_or_default();
    page.title("Receipt", false);
    let routes = page.routes();
    let crumbs = vec![
        Crumb::link("Earnings", routes.earnings()),
        Crumb::link(short_id(id.as_str()), routes.earning(&id)),
        Crumb::here("Receipt"),
    ];
    let content = content(receipt, key, routes.receipt_file(&id));
    Ok(view! {
        <SiteShell frame=page.frame(AffiliateSection::Earnings)>
            <div class="no-print"><Breadcrumbs crumbs/></div>
            {content}
        </SiteShell>
    }
    .into_any())
}

/// The receipt of a conversion of a company's program.
#[component]
pub fn MerchantReceipt() -> impl IntoView {
    page(async {
        let page = ProgramPage::load().await?;
        let id: ConversionId = parameter("conversion")?;
        let receipt = receipts::of_conversion(&page.engine, &page.actor, &page.program.id, &id).await?;
        let key = receipts::keys(&page.engine).await?.first().map(|key| key.base64()).unwrap_or_default();
        page.title("Receipt", false);
        let routes = page.routes();
        let crumbs = [("Conversions", routes.conversions()), ("Conversion", routes.conversion(&id))];
        let crumbs = page.crumbs(&crumbs, "Receipt");
        let content = content(receipt, key, routes.receipt_file(&id));
        Ok(view! { <MerchantShell frame=page.frame(Section::Conversions) crumbs>{content}</MerchantShell> }
            .into_any())
    })
}

fn content(receipt: Receipt, key: String, file: String) -> impl IntoView {
    let actions = view! {
        <button class="button" type="button" data-print>"Print"</button>
        <a class="button" href=file><Icon name="download"/>"Download JSON"</a>
    };
    let keys = routes::RECEIPT_KEYS;
    let key = Fact::new("Public key", view! { <code>{key}</code> })
        .note(view! { "Ed25519, also at "<a href=keys>{keys}</a> });
    view! {
        <div class="receipt-page">
            <div class="no-print">
                <PageHead
                    title="Receipt"
                    lead="Signed by this installation. Whoever has the JSON file can check it without an account."
                    actions=actions.into_any()
                />
            </div>
            <ReceiptSheet receipt is_genuine=true/>
            <div class="no-print">
                <Card id="check" title="Check it" aside=view! { <a href=routes::RECEIPT>"Public check"</a> }.into_any()>
                    <CardBody><Facts items=vec![key]/></CardBody>
                </Card>
            </div>
        </div>
    }
}
