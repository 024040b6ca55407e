//! Promotion codes that buyers can’t use.

use domain::coupons::CodeProblem;

use leptos::prelude::*;

use crate::components::{Badge, State};

/// The badge of a code that buyers cannot use, and why.
pub fn problem_badge(problem: CodeProblem) -> AnyView {
    view! { <Badge state=state(problem)/><small>{sentence(problem)}</small> }.into_any()
}

fn state(problem: CodeProblem) -> State {
    match problem {
        CodeProblem::CouponEnded => State::COUPON_ENDED,
        CodeProblem::UsedUp => State::USED_UP,
        CodeProblem::Expired => State::EXPIRED,
        CodeProblem::Inactive => State::INACTIVE,
        CodeProblem::Missing => State::NOT_AT_STRIPE,
    }
}

const fn sentence(problem: CodeProblem) -> &'static str {
    match problem {
        CodeProblem::CouponEnded => "Its coupon has ended in Stripe. Buyers can’t use the code.",
        CodeProblem::UsedUp => "It reached its limit in Stripe. Buyers can’t use it.",
        CodeProblem::Expired => "It expired in Stripe. Buyers can’t use it.",
        CodeProblem::Inactive => "It is inactive in Stripe. Buyers can’t use it.",
        CodeProblem::Missing => {
            "Stripe has no promotion code with this ID. Remove it, and add the right one."
        }
    }
}
