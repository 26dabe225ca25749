package io.sampo.cluster.journal;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.scalatest.Args;
import org.scalatest.Suite;
import org.scalatest.events.Event;
import org.scalatest.events.RunAborted;
import org.scalatest.events.SuiteAborted;
import org.scalatest.events.TestCanceled;
import org.scalatest.events.TestFailed;
import org.scalatest.events.TestIgnored;
import org.scalatest.events.TestPending;
import org.scalatest.events.TestSucceeded;
import scala.Option;

/**
 * Runs a ScalaTest suite and shows each of its tests as one of JUnit's. Whatever is not a success
 * is a failure: ScalaTest also cancels optional tests that fail, ignores and aborts.
 */
final class ScalaTestRun {
  private record Outcome(
      String test, boolean succeeded, String detail, @Nullable Throwable cause) {}

  private final List<Outcome> outcomes = new ArrayList<>();

  private ScalaTestRun() {}

  /** Runs the suite to its end; the tests that come back hold what came of it. */
  static Stream<DynamicTest> of(Suite suite) {
    ScalaTestRun run = new ScalaTestRun();
    suite
        .run(
            Option.empty(),
            Args.apply(
                run::onEvent,
                Args.apply$default$2(),
                Args.apply$default$3(),
                Args.apply$default$4(),
                Args.apply$default$5(),
                Args.apply$default$6(),
                Args.apply$default$7(),
                Args.apply$default$8(),
                Args.apply$default$9(),
                Args.apply$default$10()))
        .waitUntilCompleted();
    return run.tests();
  }

  private synchronized void onEvent(Event event) {
    if (event instanceof TestSucceeded test) {
      outcomes.add(new Outcome(test.testName(), true, "", null));
    } else if (event instanceof TestFailed test) {
      outcomes.add(notSucceeded(test.testName(), test.message(), test.throwable()));
    } else if (event instanceof TestCanceled test) {
      outcomes.add(notSucceeded(test.testName(), "canceled: " + test.message(), test.throwable()));
    } else if (event instanceof TestIgnored test) {
      outcomes.add(notSucceeded(test.testName(), "ignored", Option.empty()));
    } else if (event instanceof TestPending test) {
      outcomes.add(notSucceeded(test.testName(), "pending", Option.empty()));
    } else if (event instanceof SuiteAborted suite) {
      outcomes.add(notSucceeded(suite.suiteName(), suite.message(), suite.throwable()));
    } else if (event instanceof RunAborted run) {
      outcomes.add(notSucceeded("the run", run.message(), run.throwable()));
    }
  }

  private synchronized Stream<DynamicTest> tests() {
    if (outcomes.isEmpty()) {
      throw new AssertionError("the suite ran no test");
    }
    return List.copyOf(outcomes).stream()
        .map(outcome -> DynamicTest.dynamicTest(outcome.test(), () -> assertSucceeded(outcome)));
  }

  private static void assertSucceeded(Outcome outcome) {
    if (!outcome.succeeded()) {
      throw new AssertionError(outcome.test() + ": " + outcome.detail(), outcome.cause());
    }
  }

  private static Outcome notSucceeded(String test, String detail, Option<Throwable> cause) {
    return new Outcome(test, false, detail, cause.isDefined() ? cause.get() : null);
  }
}
