/// Runs: from a pushed commit to the outcome of its workflows.
///
/// A **run** is one execution of a workflow, a **job** one attempt of one of its jobs.
///
/// ```
/// run   QUEUED ──first job confirmed──► RUNNING ──all jobs ended──► ENDED(outcome)
///          │                                                            ▲   │
///          └──────────── no job has to run, cancelled ──────────────────┘   │
///          ▲                                                                │
///          └───────────────────────── re-run (attempt + 1) ─────────────────┘
///
/// job   WAITING ──planner: start──► QUEUED ──claim──► CLAIMED ──first call──► RUNNING
///          │                          │  ▲               │                      │
///          │                          │  └─lease expired─┘                      │ complete,
///          │ skip, cancel      cancel │                                         │ lease expired,
///          ▼                          ▼                                         ▼ time limit
///        ENDED(outcome) ◄─────────────┴─────────────────────────────────────────┘
/// ```
///
/// - Every decision about a run's jobs is taken by the pure planner of module `workflow`, under the
///   lock of the run's row, and written in the same transaction as the evidence of it.
/// - A claim is one statement. Each raises the job's fence; a call with an older fence is refused,
///   so an agent that was given up cannot write over its successor.
/// - An agent confirms a claim with its first heartbeat before the first step begins. A claim that
///   was never confirmed did not run, and goes back to the queue; one that was confirmed and whose
///   lease expires becomes an error, and runs again once where the job says that this is safe.
/// - Locks are taken in one order: the run, then its jobs. Claim and heartbeat touch one job only.
@NullMarked
package dev.fairway.server.run;

import org.jspecify.annotations.NullMarked;
