package io.sampo.cluster.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.scalactic.source.Position;
import org.scalatest.Tag;
import org.scalatest.funsuite.AnyFunSuite;
import scala.collection.immutable.Nil$;
import scala.collection.immutable.Seq;

/** A run of the compatibility kit that couldn't fail would prove nothing. */
class ScalaTestRunTest {
  /** One of each kind. */
  private static final class Mixed extends AnyFunSuite {
    Mixed() {
      declare("succeeds", () -> {});
      declare(
          "fails",
          () -> {
            throw new IllegalStateException("as it should");
          });
      declare("is canceled", () -> cancel("not today", here()));
      ignore("is ignored", none(), () -> null, here());
    }

    private void declare(String name, Runnable body) {
      test(
          name,
          none(),
          () -> {
            body.run();
            return null;
          },
          here());
    }

    @SuppressWarnings("unchecked") // the empty list is a list of anything
    private static Seq<Tag> none() {
      return (Seq<Tag>) (Seq<?>) Nil$.MODULE$;
    }

    private static Position here() {
      return new Position("ScalaTestRunTest.java", "", 0);
    }
  }

  private static final class Empty extends AnyFunSuite {}

  @Test
  void onlyASuccessIsASuccess() throws Throwable {
    List<DynamicTest> tests = ScalaTestRun.of(new Mixed()).toList();

    assertThat(tests)
        .extracting(DynamicTest::getDisplayName)
        .containsExactlyInAnyOrder("succeeds", "fails", "is canceled", "is ignored");
    for (DynamicTest test : tests) {
      if (test.getDisplayName().equals("succeeds")) {
        test.getExecutable().execute();
      } else {
        assertThatThrownBy(test.getExecutable()::execute)
            .isInstanceOf(AssertionError.class)
            .hasMessageStartingWith(test.getDisplayName());
      }
    }
  }

  @Test
  void aSuiteWithoutTestsIsAFailure() {
    assertThatThrownBy(() -> ScalaTestRun.of(new Empty()))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("ran no test");
  }
}
