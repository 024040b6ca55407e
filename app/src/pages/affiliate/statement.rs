//! The statement of one of the affiliate's payouts.

use leptos::prelude::*;

use crate::layout::AffiliateProgramPage;
use crate::pages::page;
use crate::presenters::statement::StatementSheet;
use crate::request::access::parameter;

/// The statement of a payout, for the affiliate.
#[component]
pub fn AffiliateStatement() -> impl IntoView {
    page(async {
        let page = AffiliateProgramPage::load().await?;
        let id = parameter("payout")?;
        let (engine, actor) = (&page.page.engine, &page.page.actor);
        let statement = engine::payouts::own_statement(engine, actor, &page.program.id, &id).await?;
        page.title("Payout statement", false);
        let back = page.routes().payouts();
        Ok(view! { <StatementSheet statement zone=page.zone.clone() now=page.page.now back/> }.into_any())
    })
}
