//! Sending an invitation again, and taking an invitation or a link back.

use domain::ids::InvitationId;
use engine::programs::invitations;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::forms::Flash;
use crate::forms::submission::{Redirect, Submission, finish};
use crate::request::access::{Refusal, engine, merchant};
use crate::routes;

/// Sends an invitation again, or takes it back.
#[server(prefix = "/do", endpoint = "invitations/change")]
pub async fn change_invitation(
    /// The program.
    #[server(default)]
    program: String,
    /// The invitation.
    #[server(default)]
    invitation: String,
    /// `resend` or `revoke`.
    #[server(default)]
    action: String,
) -> Result<(), ServerFnError> {
    let back = routes::of_form(&program, |program| program.invitations());
    finish(Submission::new(ChangeInvitation::PATH, &back), async {
        let (actor, program) = (merchant().await?, program.parse().map_err(|_| Refusal::NotFound)?);
        let id: InvitationId = invitation.parse().map_err(|_| Refusal::NotFound)?;
        let done = match action.as_str() {
            "resend" => {
                let sent = invitations::resend(&engine(), &actor, &program, &id).await?;
                format!("Invitation sent to {} again.", sent.email)
            }
            "revoke" => {
                let revoked = invitations::revoke(&engine(), &actor, &program, &id).await?;
                format!("Invitation of {} revoked. Its link no longer works.", revoked.email)
            }
            _ => return Err(Refusal::NotFound),
        };
        Ok(Redirect::to(&back).with_flash(Flash::done(done)))
    })
    .await
}

/// Takes an invitation link back.
#[server(prefix = "/do", endpoint = "invitations/revoke-link")]
pub async fn revoke_invitation_link(
    /// The program.
    #[server(default)]
    program: String,
    /// The link.
    #[server(default)]
    link: String,
) -> Result<(), ServerFnError> {
    let back = routes::of_form(&program, |program| program.invitations());
    finish(Submission::new(RevokeInvitationLink::PATH, &back), async {
        let (actor, program) = (merchant().await?, program.parse().map_err(|_| Refusal::NotFound)?);
        let id = link.parse().map_err(|_| Refusal::NotFound)?;
        let revoked = invitations::revoke_link(&engine(), &actor, &program, &id).await?;
        let done = format!("Link “{}” revoked. Nobody can join by it any more.", revoked.label);
        Ok(Redirect::to(&back).with_flash(Flash::done(done)))
    })
    .await
}
