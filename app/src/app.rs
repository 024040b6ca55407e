//! The routes. Every page is rendered whole before its answer begins, so that it can set a
//! status and a title after loading.

use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::{SsrMode, path};

use crate::layout::document::document;
use crate::pages::account::{
    AccountPage, ConfirmEmailPage, Forgot, InvitationPage, NewPassword, SetUp, SignIn, SignInByLink,
    SignInCode, SignInLink, Start, TwoStepPage, UndoEmailPage,
};
use crate::pages::affiliate::{
    AffiliateClicks, AffiliateEarning, AffiliateEarnings, AffiliateHome, AffiliateLink, AffiliateLinks,
    AffiliatePayouts, AffiliatePrograms, AffiliateResources, AffiliateStatement, AffiliateTerms,
    MissingReferral,
};
use crate::pages::errors::{ErrorPage, PageError};
use crate::pages::join::{ApplicationPage, ApplicationSent, ApplyPage, InvitePage, JoinPage};
use crate::pages::merchant::{
    AffiliateDetail, Affiliates, Applications, Conversion, Conversions, EventDetail, Events, Invitations,
    LinksAndClicks, NewAffiliate, NewInvitationLink, NewInvitations, NewProgram, Overview, Payment, Programs,
    RejectedDeliveries, ReplayEvents, ResourceText, Resources, Search, Unattributed,
};
use crate::pages::payouts::{MerchantStatement, PaidPayouts, PayoutRun, PayoutRuns, PayoutsDue};
use crate::pages::receipts::{MerchantReceipt, OwnReceipt, ReceiptCheck};
use crate::pages::settings::{
    SettingsEmails, SettingsGeneral, SettingsJoinPage, SettingsKeys, SettingsPayouts, SettingsQuestion,
    SettingsStripe, SettingsTerms, SettingsTracking, StripeCallback, StripeReconciliation,
};

/// A page's document: for `leptos_axum`.
pub fn shell() -> impl IntoView {
    document(|| view! { <App/> })
}

/// All pages.
#[component]
pub fn App() -> impl IntoView {
    const MODE: SsrMode = SsrMode::Async;
    view! {
        <Router>
            <FlatRoutes fallback=|| view! { <ErrorPage error=PageError::NotFound/> }>
                <Route path=path!("/") view=Start ssr=MODE/>
                <Route path=path!("/login") view=SignIn ssr=MODE/>
                <Route path=path!("/login/code") view=SignInCode ssr=MODE/>
                <Route path=path!("/login/link") view=SignInLink ssr=MODE/>
                <Route path=path!("/login/link/:token") view=SignInByLink ssr=MODE/>
                <Route path=path!("/email/confirm/:token") view=ConfirmEmailPage ssr=MODE/>
                <Route path=path!("/email/undo/:token") view=UndoEmailPage ssr=MODE/>
                <Route path=path!("/setup/:token") view=SetUp ssr=MODE/>
                <Route path=path!("/invitation/:token") view=InvitationPage ssr=MODE/>
                <Route path=path!("/invite/:token") view=InvitePage ssr=MODE/>
                <Route path=path!("/password/choose/:token") view=NewPassword ssr=MODE/>
                <Route path=path!("/password/forgot") view=Forgot ssr=MODE/>
                <Route path=path!("/account") view=AccountPage ssr=MODE/>
                <Route path=path!("/account/two-step") view=TwoStepPage ssr=MODE/>
                <Route path=path!("/programs") view=Programs ssr=MODE/>
                <Route path=path!("/programs/new") view=NewProgram ssr=MODE/>
                <Route path=path!("/programs/:program") view=Overview ssr=MODE/>
                <Route path=path!("/programs/:program/conversions") view=Conversions ssr=MODE/>
                <Route path=path!("/programs/:program/conversions/:conversion") view=Conversion ssr=MODE/>
                <Route path=path!("/programs/:program/conversions/:conversion/receipt") view=MerchantReceipt ssr=MODE/>
                <Route path=path!("/programs/:program/search") view=Search ssr=MODE/>
                <Route path=path!("/programs/:program/unattributed") view=Unattributed ssr=MODE/>
                <Route path=path!("/programs/:program/payments/:payment") view=Payment ssr=MODE/>
                <Route path=path!("/programs/:program/affiliates") view=Affiliates ssr=MODE/>
                <Route path=path!("/programs/:program/affiliates/new") view=NewAffiliate ssr=MODE/>
                <Route path=path!("/programs/:program/resources") view=Resources ssr=MODE/>
                <Route path=path!("/programs/:program/resources/text") view=ResourceText ssr=MODE/>
                <Route path=path!("/programs/:program/affiliates/invitations") view=Invitations ssr=MODE/>
                <Route path=path!("/programs/:program/affiliates/invitations/new") view=NewInvitations ssr=MODE/>
                <Route path=path!("/programs/:program/affiliates/invitations/link") view=NewInvitationLink ssr=MODE/>
                <Route path=path!("/programs/:program/affiliates/applications") view=Applications ssr=MODE/>
                <Route path=path!("/programs/:program/affiliates/:affiliate") view=AffiliateDetail ssr=MODE/>
                <Route path=path!("/programs/:program/payouts") view=PayoutsDue ssr=MODE/>
                <Route path=path!("/programs/:program/payouts/runs") view=PayoutRuns ssr=MODE/>
                <Route path=path!("/programs/:program/payouts/runs/:run") view=PayoutRun ssr=MODE/>
                <Route path=path!("/programs/:program/payouts/paid") view=PaidPayouts ssr=MODE/>
                <Route path=path!("/programs/:program/payouts/:payout") view=MerchantStatement ssr=MODE/>
                <Route path=path!("/programs/:program/links") view=LinksAndClicks ssr=MODE/>
                <Route path=path!("/programs/:program/events") view=Events ssr=MODE/>
                <Route path=path!("/programs/:program/events/replay") view=ReplayEvents ssr=MODE/>
                <Route path=path!("/programs/:program/events/rejected") view=RejectedDeliveries ssr=MODE/>
                <Route path=path!("/programs/:program/events/:event") view=EventDetail ssr=MODE/>
                <Route path=path!("/programs/:program/settings") view=SettingsGeneral ssr=MODE/>
                <Route path=path!("/programs/:program/settings/terms") view=SettingsTerms ssr=MODE/>
                <Route path=path!("/programs/:program/settings/stripe") view=SettingsStripe ssr=MODE/>
                <Route path=path!("/programs/:program/settings/stripe/reconciliation") view=StripeReconciliation ssr=MODE/>
                <Route path=path!("/programs/:program/settings/tracking") view=SettingsTracking ssr=MODE/>
                <Route path=path!("/programs/:program/settings/payouts") view=SettingsPayouts ssr=MODE/>
                <Route path=path!("/programs/:program/settings/join-page") view=SettingsJoinPage ssr=MODE/>
                <Route path=path!("/programs/:program/settings/join-page/question") view=SettingsQuestion ssr=MODE/>
                <Route path=path!("/programs/:program/settings/emails") view=SettingsEmails ssr=MODE/>
                <Route path=path!("/programs/:program/settings/keys") view=SettingsKeys ssr=MODE/>
                <Route path=path!("/stripe/callback") view=StripeCallback ssr=MODE/>
                <Route path=path!("/join/:slug") view=JoinPage ssr=MODE/>
                <Route path=path!("/join/:slug/apply") view=ApplyPage ssr=MODE/>
                <Route path=path!("/join/:slug/sent") view=ApplicationSent ssr=MODE/>
                <Route path=path!("/application/:token") view=ApplicationPage ssr=MODE/>
                <Route path=path!("/receipt") view=ReceiptCheck ssr=MODE/>
                <Route path=path!("/affiliate") view=AffiliatePrograms ssr=MODE/>
                <Route path=path!("/affiliate/:program") view=AffiliateHome ssr=MODE/>
                <Route path=path!("/affiliate/:program/links") view=AffiliateLinks ssr=MODE/>
                <Route path=path!("/affiliate/:program/links/:link") view=AffiliateLink ssr=MODE/>
                <Route path=path!("/affiliate/:program/earnings") view=AffiliateEarnings ssr=MODE/>
                <Route path=path!("/affiliate/:program/earnings/:conversion") view=AffiliateEarning ssr=MODE/>
                <Route path=path!("/affiliate/:program/earnings/:conversion/receipt") view=OwnReceipt ssr=MODE/>
                <Route path=path!("/affiliate/:program/payouts") view=AffiliatePayouts ssr=MODE/>
                <Route path=path!("/affiliate/:program/payouts/:payout") view=AffiliateStatement ssr=MODE/>
                <Route path=path!("/affiliate/:program/clicks") view=AffiliateClicks ssr=MODE/>
                <Route path=path!("/affiliate/:program/terms") view=AffiliateTerms ssr=MODE/>
                <Route path=path!("/affiliate/:program/resources") view=AffiliateResources ssr=MODE/>
                <Route path=path!("/affiliate/:program/missing-referral") view=MissingReferral ssr=MODE/>
            </FlatRoutes>
        </Router>
    }
}

#[cfg(test)]
mod tests {
    use leptos_axum::generate_route_list;

    use super::*;

    #[tokio::test]
    async fn every_page_is_rendered_completely_before_it_is_sent() {
        let _ = any_spawner::Executor::init_tokio();
        let routes = generate_route_list(App);
        assert!(routes.iter().all(|route| matches!(route.mode(), SsrMode::Async)));
    }
}
