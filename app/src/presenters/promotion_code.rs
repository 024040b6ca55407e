//! Why buyers cannot use a promotion code.

use domain::coupons::CodeProblem;

use crate::components::State;

/// The badge of a code that buyers cannot use.
pub fn state(problem: CodeProblem) -> State {
    match problem {
        CodeProblem::CouponEnded => State::COUPON_ENDED,
        CodeProblem::UsedUp => State::USED_UP,
        CodeProblem::Expired => State::EXPIRED,
        CodeProblem::Inactive => State::INACTIVE,
    }
}

/// The sentence beside it.
pub const fn sentence(problem: CodeProblem) -> &'static str {
    match problem {
        CodeProblem::CouponEnded => "Its coupon has ended in Stripe. Buyers can’t use the code.",
        CodeProblem::UsedUp => "It reached its limit in Stripe. Buyers can’t use it.",
        CodeProblem::Expired => "It expired in Stripe. Buyers can’t use it.",
        CodeProblem::Inactive => "It is inactive in Stripe. Buyers can’t use it.",
    }
}
