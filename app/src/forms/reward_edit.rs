//! What the buttons inside a list of rewards do. Each sends the form, which is shown again with
//! the change; nothing is saved.

use domain::terms::{MOST_REWARDS, MOST_STEPS};

use super::{RewardForm, StepForm};

/// A change of the list of rewards in a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RewardEdit {
    /// Another reward, before the one for all other payments.
    Add,
    /// Another step of a reward.
    AddStep(usize),
    /// Without a step.
    RemoveStep(usize, usize),
    /// Without a reward.
    Remove(usize),
    /// A reward one place up.
    Up(usize),
    /// A reward one place down.
    Down(usize),
}

impl RewardEdit {
    /// The name of the buttons.
    pub const NAME: &'static str = "edit";

    /// The value of a button.
    pub fn value(self) -> String {
        match self {
            Self::Add => "add".to_owned(),
            Self::AddStep(reward) => format!("add-step.{reward}"),
            Self::RemoveStep(reward, step) => format!("remove-step.{reward}.{step}"),
            Self::Remove(reward) => format!("remove.{reward}"),
            Self::Up(reward) => format!("up.{reward}"),
            Self::Down(reward) => format!("down.{reward}"),
        }
    }

    /// Reads the value of a button; `None` when none of them sent the form.
    pub fn read(value: &str) -> Option<Self> {
        let mut parts = value.split('.');
        let word = parts.next()?;
        let mut place = || parts.next().and_then(|part| part.parse::<usize>().ok());
        match word {
            "add" => Some(Self::Add),
            "add-step" => place().map(Self::AddStep),
            "remove-step" => Some(Self::RemoveStep(place()?, place()?)),
            "remove" => place().map(Self::Remove),
            "up" => place().map(Self::Up),
            "down" => place().map(Self::Down),
            _ => None,
        }
    }

    /// Changes the list, and says which reward it is about now. A place that does not exist
    /// changes nothing.
    pub fn apply(self, rewards: &mut Vec<RewardForm>) -> usize {
        match self {
            Self::Add if rewards.len() < MOST_REWARDS => {
                let is_for_all = rewards.last().is_some_and(RewardForm::is_for_all);
                let place = rewards.len() - usize::from(is_for_all);
                let pays = rewards.last().and_then(|reward| reward.steps.first()).cloned();
                let new = RewardForm {
                    join: "all".to_owned(),
                    steps: vec![pays.unwrap_or_default()],
                    ..RewardForm::default()
                };
                rewards.insert(place, new);
                place
            }
            Self::Add => rewards.len().saturating_sub(1),
            Self::AddStep(place) => {
                if let Some(reward) = rewards.get_mut(place).filter(|one| one.steps.len() < MOST_STEPS) {
                    // The step before it must end.
                    if let Some(last) = reward.steps.last_mut().filter(|last| last.recurrence == "lifetime") {
                        "months".clone_into(&mut last.recurrence);
                    }
                    let unit = reward.steps.last().map_or_else(String::new, |last| last.unit.clone());
                    reward.steps.push(StepForm {
                        unit,
                        recurrence: "lifetime".to_owned(),
                        ..StepForm::default()
                    });
                }
                place
            }
            Self::RemoveStep(place, step) => {
                if let Some(reward) = rewards.get_mut(place)
                    && reward.steps.len() > 1
                    && step < reward.steps.len()
                {
                    reward.steps.remove(step);
                }
                place
            }
            Self::Remove(place) => {
                if rewards.len() > 1 && place < rewards.len() {
                    rewards.remove(place);
                }
                place.min(rewards.len().saturating_sub(1))
            }
            Self::Up(place) if place > 0 && place < rewards.len() => {
                rewards.swap(place, place - 1);
                place - 1
            }
            Self::Down(place) if place + 1 < rewards.len() => {
                rewards.swap(place, place + 1);
                place + 1
            }
            Self::Up(place) | Self::Down(place) => place,
        }
    }
}

impl RewardForm {
    /// Whether it has no condition.
    pub fn is_for_all(&self) -> bool {
        let texts = [
            &self.products,
            &self.at_least,
            &self.at_most,
            &self.currencies,
            &self.countries,
            &self.order,
            &self.excluded,
        ];
        self.picked.is_empty()
            && self.excluded_picked.is_empty()
            && texts.iter().all(|text| text.trim().is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(names: &[&str]) -> Vec<RewardForm> {
        let reward = |name: &&str| RewardForm {
            name: (*name).to_owned(),
            countries: if *name == "rest" { String::new() } else { "US".to_owned() },
            steps: vec![StepForm { recurrence: "lifetime".to_owned(), ..StepForm::default() }],
            ..RewardForm::default()
        };
        names.iter().map(reward).collect()
    }

    fn names(rewards: &[RewardForm]) -> Vec<&str> {
        rewards.iter().map(|reward| reward.name.as_str()).collect()
    }

    #[test]
    fn buttons_are_read_back() {
        let all = [
            RewardEdit::Add,
            RewardEdit::AddStep(2),
            RewardEdit::RemoveStep(1, 3),
            RewardEdit::Remove(0),
            RewardEdit::Up(4),
            RewardEdit::Down(5),
        ];
        for edit in all {
            assert_eq!(RewardEdit::read(&edit.value()), Some(edit));
        }
        for wrong in ["", "up", "up.x", "remove-step.1", "else.1"] {
            assert_eq!(RewardEdit::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_new_reward_is_before_the_one_for_all_other_payments() {
        let mut rewards = named(&["a", "rest"]);
        assert_eq!(RewardEdit::Add.apply(&mut rewards), 1);
        assert_eq!(names(&rewards), ["a", "", "rest"]);
        let mut rewards = named(&["a"]);
        assert_eq!(RewardEdit::Add.apply(&mut rewards), 1);
        assert_eq!(names(&rewards), ["a", ""]);
    }

    #[test]
    fn rewards_move_and_places_that_do_not_exist_change_nothing() {
        let mut rewards = named(&["a", "b", "c"]);
        assert_eq!(RewardEdit::Up(2).apply(&mut rewards), 1);
        assert_eq!(RewardEdit::Down(0).apply(&mut rewards), 1);
        assert_eq!(names(&rewards), ["c", "a", "b"]);
        for edit in [RewardEdit::Up(0), RewardEdit::Up(9), RewardEdit::Down(2), RewardEdit::Remove(9)] {
            edit.apply(&mut rewards);
        }
        assert_eq!(names(&rewards), ["c", "a", "b"]);
        RewardEdit::Remove(0).apply(&mut rewards);
        RewardEdit::Remove(0).apply(&mut rewards);
        RewardEdit::Remove(0).apply(&mut rewards);
        assert_eq!(names(&rewards), ["b"], "one remains");
    }

    #[test]
    fn a_step_is_added_after_one_that_ends() {
        let mut rewards = named(&["a"]);
        RewardEdit::AddStep(0).apply(&mut rewards);
        let steps = |rewards: &[RewardForm]| -> Vec<String> {
            rewards[0].steps.iter().map(|step| step.recurrence.clone()).collect()
        };
        assert_eq!(steps(&rewards), ["months", "lifetime"]);
        RewardEdit::RemoveStep(0, 1).apply(&mut rewards);
        RewardEdit::RemoveStep(0, 0).apply(&mut rewards);
        assert_eq!(steps(&rewards), ["months"]);
    }
}
