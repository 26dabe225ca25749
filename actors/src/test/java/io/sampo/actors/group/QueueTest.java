package io.sampo.actors.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.actors.group.Queue.Append;
import io.sampo.actors.group.Queue.Bounds;
import io.sampo.actors.group.Queue.EntryFilter;
import io.sampo.actors.group.Queue.Found;
import io.sampo.actors.group.Queue.Pull;
import io.sampo.actors.group.Queue.PullReply;
import io.sampo.actors.group.Queue.ReadRefused;
import io.sampo.cluster.replication.AppendRefused;
import io.sampo.cluster.replication.AppendReply;
import io.sampo.cluster.replication.CommitLog;
import io.sampo.record.MessageDraft;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.Test;

/** A queue's appends, its end and its restart, and what else it is asked. */
class QueueTest extends QueueOverFakeLog {
  @Test
  void appendGoesOnToTheLogUnderTheEpochOfTheLeadership() {
    ActorRef<Queue.Command> queue = start();
    TestProbe<AppendReply> producer = kit.createTestProbe();

    List<MessageDraft> drafts = List.of(MessageDraft.to(KEY).build());
    queue.tell(new Append(drafts, producer.getRef()::tell));

    CommitLog.Append append = commitLog.expectMessageClass(CommitLog.Append.class);
    assertThat(append.epoch()).isEqualTo(7);
    assertThat(append.drafts()).isSameAs(drafts);
    append.replyTo().tell(AppendRefused.DISK_FULL);
    producer.expectMessage(AppendRefused.DISK_FULL);
  }

  @Test
  void appendBeyondTheWindowIsRefusedAndReleasedUntilProgressMakesRoom() {
    ActorRef<Queue.Command> queue = start();
    CommitLog.Append first = append(queue);
    append(queue);

    TestProbe<AppendReply> producer = kit.createTestProbe();
    AtomicInteger released = new AtomicInteger();
    MessageDraft draft = MessageDraft.to(KEY).onRelease(released::incrementAndGet).build();
    queue.tell(new Append(List.of(draft), producer.getRef()::tell));

    producer.expectMessage(AppendRefused.WINDOW_FULL);
    assertThat(released).hasValue(1);

    commit(first, 1, 1);
    append(queue);
  }

  @Test
  void failedReadConcernsOnlyTheOneWhoAsked() {
    entries.add(10, "a");
    ActorRef<Queue.Command> queue = start();
    CommitLog.Append append = append(queue);
    TestProbe<PullReply> waiting = kit.createTestProbe();
    queue.tell(new Pull(1, PLENTY, EntryFilter.ALL, 15_000, waiting.getRef()::tell));

    for (Throwable failure : List.of(new IllegalStateException("bad"), new InternalError("bad"))) {
      log.failReads(failure);
      queue.tell(pull(0, 15_000));
      consumer.expectMessage(ReadRefused.READ_FAILED);
      TestProbe<Queue.SearchReply> searcher = kit.createTestProbe();
      queue.tell(new Queue.SearchOffset(1, false, searcher.getRef()::tell));
      searcher.expectMessage(ReadRefused.READ_FAILED);
      TestProbe<Queue.BoundsReply> asker = kit.createTestProbe();
      queue.tell(new Queue.GetBounds(asker.getRef()::tell));
      asker.expectMessage(ReadRefused.READ_FAILED);
    }

    log.failReads(null);
    entries.add(10, "a");
    commit(append, 2, 1);
    waiting.expectMessageClass(Found.class);
  }

  @Test
  void restartForgetsNeitherTheCommittedOffsetNorTheWindow() {
    ActorRef<Queue.Command> queue = start();
    CommitLog.Append first = append(queue);
    append(queue);
    entries.add(10, "a").add(10, "a");
    commit(first, 1, 1);
    queue.tell(pull(1, 15_000));
    consumer.expectNoMessage();

    queue.tell(
        new Queue.GetBounds(
            bounds -> {
              throw new IllegalStateException("who asks is broken");
            }));

    consumer.expectMessage(ReadRefused.NOT_LEADING);
    queue.tell(pull(0, 0));
    assertThat(consumer.expectMessageClass(Found.class).maxOffset())
        .as("the second record is in the log but not committed")
        .isEqualTo(1);
    append(queue);
    TestProbe<AppendReply> producer = kit.createTestProbe();
    queue.tell(new Append(List.of(MessageDraft.to(KEY).build()), producer.getRef()::tell));
    producer.expectMessage(AppendRefused.WINDOW_FULL);
  }

  @Test
  void stopRefusesThoseWhoWait() {
    ActorRef<Queue.Command> queue = start();
    queue.tell(pull(0, 15_000));
    awaitHandled(queue);
    kit.stop(queue);
    consumer.expectMessage(ReadRefused.NOT_LEADING);
  }

  @Test
  void boundsNameTheTimeOfTheOldestMessage() {
    ActorRef<Queue.Command> queue = start();
    TestProbe<Queue.BoundsReply> asker = kit.createTestProbe();
    queue.tell(new Queue.GetBounds(asker.getRef()::tell));
    asker.expectMessage(new Bounds(0, 0, -1));

    CommitLog.Append append = append(queue);
    entries.add(100, "a", 1234).add(100, "a", 1300);
    commit(append, 2, 1);
    queue.tell(new Queue.GetBounds(asker.getRef()::tell));
    asker.expectMessage(new Bounds(0, 2, 1234));

    entries.forgetBelow(1);
    queue.tell(new Queue.GetBounds(asker.getRef()::tell));
    asker.expectMessage(new Bounds(1, 2, 1300));
    assertThat(log.openSlices()).isZero();
  }

  @Test
  void searchFindsTheFirstAtOrAfterAndTheLastAtOrBefore() {
    entries.add(10, "a", 100).add(10, "a", 200).add(10, "a", 200).add(10, "a", 300);
    ActorRef<Queue.Command> queue = start();

    assertThat(search(queue, 50, false)).isEqualTo(0);
    assertThat(search(queue, 200, false)).isEqualTo(1);
    assertThat(search(queue, 201, false)).isEqualTo(3);
    assertThat(search(queue, 301, false)).isEqualTo(4);
    assertThat(search(queue, 50, true)).isEqualTo(0);
    assertThat(search(queue, 200, true)).isEqualTo(2);
    assertThat(search(queue, 299, true)).isEqualTo(2);
    assertThat(search(queue, Long.MAX_VALUE, true)).isEqualTo(3);
  }
}
