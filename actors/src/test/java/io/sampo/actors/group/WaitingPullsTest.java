package io.sampo.actors.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.actors.group.Queue.EntryFilter;
import io.sampo.actors.group.Queue.Found;
import io.sampo.actors.group.Queue.NothingMatched;
import io.sampo.actors.group.Queue.NothingNew;
import io.sampo.actors.group.Queue.Pull;
import io.sampo.actors.group.Queue.PullReply;
import io.sampo.actors.group.Queue.ReadRefused;
import io.sampo.cluster.replication.CommitLog;
import java.time.Duration;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.Test;

/** Pulls that come early: when they are answered, and with what. */
class WaitingPullsTest extends QueueOverFakeLog {
  @Test
  void waitingPullIsAnsweredByTheFirstCommittedMessage() {
    ActorRef<Queue.Command> queue = start();
    CommitLog.Append append = append(queue);
    queue.tell(pull(0, 15_000));
    entries.add(10, "a");
    consumer.expectNoMessage();

    commit(append, 1, 1);

    assertThat(consumer.expectMessageClass(Found.class).nextOffset()).isEqualTo(1);
  }

  @Test
  void waitingPullIsAnsweredEmptyWhenItsWaitIsOver() {
    ActorRef<Queue.Command> queue = start();
    queue.tell(pull(0, 15_000));
    awaitHandled(queue);

    pass(Duration.ofMillis(14_999));
    consumer.expectNoMessage();
    pass(Duration.ofMillis(1));
    consumer.expectMessage(new NothingNew(0, 0, 0));
  }

  @Test
  void pullsOfDifferentWaitsEachEndAtTheirOwnTime() {
    ActorRef<Queue.Command> queue = start();
    TestProbe<PullReply> patient = kit.createTestProbe();
    TestProbe<PullReply> later = kit.createTestProbe();
    queue.tell(new Pull(0, PLENTY, EntryFilter.ALL, 20_000, patient.getRef()::tell));
    queue.tell(pull(0, 5_000));
    awaitHandled(queue);
    pass(Duration.ofSeconds(2));
    queue.tell(new Pull(0, PLENTY, EntryFilter.ALL, 5_000, later.getRef()::tell));
    awaitHandled(queue);

    pass(Duration.ofSeconds(3));
    consumer.expectMessage(new NothingNew(0, 0, 0));
    awaitHandled(queue);
    later.expectNoMessage();
    pass(Duration.ofSeconds(2));
    later.expectMessage(new NothingNew(0, 0, 0));
    awaitHandled(queue);
    patient.expectNoMessage();
    pass(Duration.ofSeconds(13));
    patient.expectMessage(new NothingNew(0, 0, 0));
  }

  @Test
  void noPullWaitsLongerThanTheQueueAllows() {
    ActorRef<Queue.Command> queue = start();
    queue.tell(pull(0, Long.MAX_VALUE));
    awaitHandled(queue);
    pass(SETTINGS.waitMax());
    consumer.expectMessage(new NothingNew(0, 0, 0));
  }

  @Test
  void waitingPullKeepsWaitingWhenWhatComesDoesNotMatchAndLearnsItsProgressInTheEnd() {
    ActorRef<Queue.Command> queue = start();
    CommitLog.Append append = append(queue);
    queue.tell(pull(0, PLENTY, tags("a"), 15_000));
    entries.add(10, "b").add(10, "b");
    commit(append, 2, 1);
    awaitHandled(queue);
    consumer.expectNoMessage();

    pass(Duration.ofSeconds(15));

    consumer.expectMessage(new NothingMatched(2, 0, 2));
  }

  @Test
  void waitingPullThatPassedOverOthersGetsItsMatch() {
    entries.add(10, "b");
    ActorRef<Queue.Command> queue = start();
    CommitLog.Append append = append(queue);
    queue.tell(pull(0, PLENTY, tags("a"), 15_000));
    consumer.expectNoMessage();
    entries.add(10, "b").add(10, "a");

    commit(append, 3, 1);

    Found found = consumer.expectMessageClass(Found.class);
    assertThat(found.messages()).isEqualTo(1);
    assertThat(found.nextOffset()).isEqualTo(3);
    assertThat(log.scannedEntries()).as("each entry was looked at once").isEqualTo(3);
  }

  @Test
  void oneCommitAnswersAllThatWait() {
    ActorRef<Queue.Command> queue = start();
    CommitLog.Append append = append(queue);
    queue.tell(pull(0, 15_000));
    queue.tell(pull(0, 15_000));
    entries.add(10, "a");
    commit(append, 1, 1);
    consumer.expectMessageClass(Found.class);
    consumer.expectMessageClass(Found.class);
  }

  @Test
  void pullThatFindsNoRoomToWaitIsRefused() {
    ActorRef<Queue.Command> queue = start();
    for (int i = 0; i < SETTINGS.parkedPullsMax(); i++) {
      queue.tell(pull(0, 15_000));
    }
    consumer.expectNoMessage();
    queue.tell(pull(0, 15_000));
    consumer.expectMessage(ReadRefused.TOO_MANY_WAITING);
  }
}
