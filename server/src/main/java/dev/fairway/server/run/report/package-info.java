/// Test results that jobs upload as JUnit XML inside of artifacts.
///
/// The format has no standard; what is read is what Maven Surefire, Gradle, pytest and the Jest, Go
/// and Ruby reporters agree on. The files come from whoever can push, so nothing in them is
/// trusted: no DTD, no entity, a limit on everything.
@NullMarked
package dev.fairway.server.run.report;

import org.jspecify.annotations.NullMarked;
