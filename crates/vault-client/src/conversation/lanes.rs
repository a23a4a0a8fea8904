//! One lane to each site: at most one question in it, asked again when it came to nothing.

use super::{Heard, Pending, Plan, Proceed};
use crate::fleet::Fleet;
use crate::ports::Timer;
use crate::site::{Link, is_of_one_session};
use crate::site_notes::{SiteNotes, SiteProblem};
use futures::StreamExt;
use futures::future::{BoxFuture, FutureExt, select};
use futures::stream::FuturesUnordered;
use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use vault_protocol::{AccountId, BundleId, Refusal, Request, Response, SiteIndex};

/// Times that a site which is silent, or whose session was lost, is asked again in one
/// conversation.
const MAX_FAILURES: u32 = 2;
/// Before it is asked again; twice as long the second time.
const PAUSE: Duration = Duration::from_millis(250);

/// The ways to all sites, in one conversation. What is asked and not answered is dropped with it.
pub(crate) struct Lanes {
    timer: Arc<dyn Timer>,
    lanes: BTreeMap<SiteIndex, Lane>,
    under_way: FuturesUnordered<BoxFuture<'static, Came>>,
    /// How long sites that ask to wait are waited for, in all.
    patience: Duration,
    other_bundles: BTreeMap<SiteIndex, BundleId>,
}

struct Lane {
    state: State,
    failures: u32,
    waited: Duration,
    problem: Option<SiteProblem>,
    /// It answered something in this conversation.
    answers: bool,
}

enum State {
    /// To be asked, but not before this time.
    Idle(Box<Link>, Duration),
    Asked,
    Lost,
}

struct Came {
    link: Box<Link>,
    request: Request,
    outcome: Result<Response, SiteProblem>,
}

impl Lanes {
    /// To all sites of the fleet. Nothing is sent yet.
    pub(crate) fn new(fleet: &Fleet, account: Option<AccountId>, patience: Duration) -> Self {
        let lane = |site| {
            let link = Box::new(Link::new(fleet, site, account));
            let state = State::Idle(link, Duration::ZERO);
            let waited = Duration::ZERO;
            (site, Lane { state, failures: 0, waited, problem: None, answers: false })
        };
        Self {
            timer: fleet.ports.timer.clone(),
            lanes: fleet.known.indexes().map(lane).collect(),
            under_way: FuturesUnordered::new(),
            patience,
            other_bundles: BTreeMap::new(),
        }
    }

    pub(crate) fn now(&self) -> Duration {
        self.timer.now()
    }

    /// Asks what the plan wants asked, until it is over.
    pub(crate) async fn run(&mut self, plan: &mut impl Plan) {
        loop {
            self.ask(plan);
            let pending = self.pending();
            let until = match plan.proceed(&pending, self.now()) {
                Proceed::Over => return,
                Proceed::Again => continue,
                Proceed::Until(until) => until,
            };
            if let Some(came) = self.wait(until).await {
                self.take(came, plan);
            }
        }
    }

    /// The session that is open with a site now.
    pub(crate) fn handshake(&self, site: SiteIndex) -> Option<[u8; 32]> {
        match &self.lanes.get(&site)?.state {
            State::Idle(link, _) => link.handshake(),
            State::Asked | State::Lost => None,
        }
    }

    /// Sites that answered something in this conversation.
    pub(crate) fn answering(&self) -> BTreeSet<SiteIndex> {
        self.lanes.iter().filter(|(_, lane)| lane.answers).map(|(site, _)| *site).collect()
    }

    /// What there is to say of each site, as it is now.
    pub(crate) fn notes(&self) -> SiteNotes {
        let problem = |(site, lane): (&SiteIndex, &Lane)| {
            let late = matches!(lane.state, State::Asked).then_some(SiteProblem::Late);
            lane.problem.clone().or(late).map(|problem| (*site, problem))
        };
        SiteNotes {
            problems: self.lanes.iter().filter_map(problem).collect(),
            liars: BTreeMap::new(),
            other_bundles: self.other_bundles.clone(),
        }
    }

    fn pending(&self) -> Pending {
        let now = self.now();
        let mut pending = Pending::default();
        for (site, lane) in &self.lanes {
            match &lane.state {
                State::Idle(_, ready) if *ready <= now => false,
                State::Lost => false,
                State::Idle(..) | State::Asked if lane.is_busy() => pending.resting.insert(*site),
                State::Idle(..) | State::Asked => pending.asked.insert(*site),
            };
        }
        pending
    }

    fn ask(&mut self, plan: &mut impl Plan) {
        let now = self.now();
        for (site, lane) in &mut self.lanes {
            let State::Idle(_, ready) = &lane.state else { continue };
            if *ready > now {
                continue;
            }
            let Some(request) = plan.next(*site, now) else { continue };
            let State::Idle(link, _) = std::mem::replace(&mut lane.state, State::Asked) else {
                continue;
            };
            self.under_way.push(ask(link, request).boxed());
        }
    }

    /// The next answer, or none when it is time to look again.
    async fn wait(&mut self, until: Duration) -> Option<Came> {
        let now = self.now();
        let resting = self.lanes.values().filter_map(|lane| match &lane.state {
            State::Idle(_, ready) if *ready > now => Some(*ready),
            _ => None,
        });
        let until = resting.min().map_or(until, |ready| ready.min(until));
        let sleep = pin!(self.timer.sleep(until.saturating_sub(now)));
        if self.under_way.is_empty() {
            sleep.await;
            return None;
        }
        match select(self.under_way.next(), sleep).await {
            futures::future::Either::Left((came, _)) => came,
            futures::future::Either::Right(_) => None,
        }
    }

    fn take(&mut self, came: Came, plan: &mut impl Plan) {
        let Came { link, request, outcome } = came;
        let site = link.index;
        let now = self.now();
        if let Some(other) = link.other_bundle {
            self.other_bundles.insert(site, other);
        }
        let patience = self.patience;
        let Some(lane) = self.lanes.get_mut(&site) else { return };
        let repeatable = !is_of_one_session(&request);
        if let Some(pause) = lane.pause_before_asking_again(&outcome, repeatable, patience) {
            lane.problem = problem_of(&outcome);
            lane.state = State::Idle(link, now.saturating_add(pause));
            return;
        }
        lane.problem = problem_of(&outcome);
        lane.answers |= outcome.is_ok();
        let (state, heard) = match outcome {
            Ok(Ok(answer)) => (State::Idle(link, now), Heard::Answer(Box::new(answer))),
            Ok(Err(refusal)) => (State::Idle(link, now), Heard::Refused(refusal)),
            Err(_) => (State::Lost, Heard::Lost),
        };
        lane.state = state;
        plan.heard(site, &request, heard, now);
    }
}

impl Lane {
    /// It wants to be asked later.
    fn is_busy(&self) -> bool {
        matches!(
            &self.problem,
            Some(SiteProblem::Busy { .. } | SiteProblem::Refused(Refusal::Busy { .. }))
        )
    }

    /// How long to wait before the plan is asked anew what to ask this site, if it is worth it.
    fn pause_before_asking_again(
        &mut self,
        outcome: &Result<Response, SiteProblem>,
        repeatable: bool,
        patience: Duration,
    ) -> Option<Duration> {
        if !repeatable {
            return None;
        }
        match outcome {
            Err(SiteProblem::Busy { seconds }) | Ok(Err(Refusal::Busy { seconds })) => {
                let pause = Duration::from_secs(u64::from(*seconds).max(1));
                let waited = self.waited.saturating_add(pause);
                (waited <= patience).then(|| {
                    self.waited = waited;
                    pause
                })
            }
            Err(
                SiteProblem::Network(_) | SiteProblem::SessionLost | SiteProblem::Unavailable(_),
            )
            | Ok(Err(Refusal::Unavailable { .. })) => {
                self.failures += 1;
                (self.failures <= MAX_FAILURES).then(|| PAUSE * self.failures)
            }
            _ => None,
        }
    }
}

fn problem_of(outcome: &Result<Response, SiteProblem>) -> Option<SiteProblem> {
    match outcome {
        Ok(Ok(_)) => None,
        Ok(Err(refusal)) => Some(SiteProblem::Refused(refusal.clone())),
        Err(problem) => Some(problem.clone()),
    }
}

async fn ask(mut link: Box<Link>, request: Request) -> Came {
    let outcome = link.ask(&request).await;
    Came { link, request, outcome }
}
