//! The statement of a payout, for the merchant.

use leptos::prelude::*;

use crate::layout::ProgramPage;
use crate::pages::page;
use crate::presenters::statement::StatementSheet;
use crate::request::access::parameter;

/// The statement of a payout.
#[component]
pub fn MerchantStatement() -> impl IntoView {
    page(async {
        let page = ProgramPage::load().await?;
        let id = parameter("payout")?;
        let statement = engine::payouts::statement(&page.engine, &page.actor, &page.program.id, &id).await?;
        page.title(&format!("Statement of {}", statement.payout.name), false);
        let back = page.routes().payout_run(&statement.payout.payout.run_id);
        Ok(view! { <StatementSheet statement zone=page.zone.clone() now=page.now back/> }.into_any())
    })
}
