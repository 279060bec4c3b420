//! The order in which models are cleaned: children before what they refer to, by what the catalog says and by what is declared.

use super::Job;
use crate::Descriptor;

/// Sorts the jobs, and tells each of them which tables lead back to its own.
pub(super) fn ordered(jobs: Vec<Job>) -> Vec<Job> {
    let refers = references(&jobs);
    let reached: Vec<Vec<bool>> = (0..jobs.len()).map(|from| reachable(from, &refers)).collect();
    let is_together = |one: usize, other: usize| one == other || (reached[one][other] && reached[other][one]);
    let mut jobs: Vec<Option<Job>> = jobs.into_iter().map(Some).collect();
    let mut waiting: Vec<usize> = (0..jobs.len()).collect();
    let mut sorted = Vec::with_capacity(jobs.len());
    while !waiting.is_empty() {
        let has_children = |job: &usize| {
            waiting
                .iter()
                .any(|other| reached[*other][*job] && !is_together(*other, *job))
        };
        // Groups have no circles among them, so there is always one that waits for no other.
        let next = waiting.iter().copied().find(|job| !has_children(job));
        let next = next.unwrap_or(waiting[0]);
        let (group, others): (Vec<usize>, Vec<usize>) =
            waiting.into_iter().partition(|job| is_together(*job, next));
        waiting = others;
        let is_circle = reached[next][next];
        let models: Vec<_> = group
            .iter()
            .filter(|_| is_circle)
            .filter_map(|job| jobs[*job].as_ref())
            .map(|job| job.model)
            .collect();
        for job in group {
            let Some(mut job) = jobs[job].take() else { continue };
            for model in &models {
                if job.circle.iter().all(|known| known.name() != model.name()) {
                    job.circle.push(model);
                }
            }
            sorted.push(job);
        }
    }
    sorted
}

// For each job those whose rows wait for its own: what they refer to, and what rows that are removed with them refer to.
fn references(jobs: &[Job]) -> Vec<Vec<usize>> {
    let above: Vec<Vec<usize>> = jobs
        .iter()
        .map(|job| {
            let parents = job.kin.parents();
            parents.filter_map(|(parent, _)| place(jobs, parent)).collect()
        })
        .collect();
    let mut refers = vec![Vec::new(); jobs.len()];
    for (parent, job) in jobs.iter().enumerate() {
        for key in &job.keys {
            let owners = jobs.iter().enumerate().filter(|(_, owner)| {
                let mut owned = owner.owned();
                owned.any(|relation| relation.child_table().is_same_as(&key.child))
            });
            for (owner, _) in owners.filter(|(owner, _)| *owner != parent) {
                refers[owner].push(parent);
            }
            let child = jobs
                .iter()
                .position(|other| other.model.table.is_same_as(&key.child));
            let Some(child) = child else { continue };
            refers[child].push(parent);
            // Heads that share rows are removed together.
            if job.kin.link(0, key).is_none() {
                let heads = (0..jobs.len()).filter(|head| reachable(child, &above)[*head]);
                heads
                    .filter(|head| *head != parent)
                    .for_each(|head| refers[head].push(parent));
            }
        }
    }
    refers
}

fn place(jobs: &[Job], model: &Descriptor) -> Option<usize> {
    jobs.iter().position(|job| job.model.name() == model.name())
}

// Whether there is a way of at least one step.
fn reachable(from: usize, steps: &[Vec<usize>]) -> Vec<bool> {
    let mut reached = vec![false; steps.len()];
    let mut waiting = vec![from];
    while let Some(at) = waiting.pop() {
        for to in &steps[at] {
            if !reached[*to] {
                reached[*to] = true;
                waiting.push(*to);
            }
        }
    }
    reached
}
