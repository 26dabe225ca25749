package io.sampo.actors.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.actors.group.CrossQueueWriter.NotWritten;
import io.sampo.actors.group.CrossQueueWriter.Write;
import io.sampo.actors.group.CrossQueueWriter.WriteReply;
import io.sampo.actors.group.LogGroup.QueueResolved;
import io.sampo.actors.group.LogGroup.ResolveQueue;
import io.sampo.actors.group.LogGroup.ResolveRefused;
import io.sampo.cluster.replication.AppendRefused;
import io.sampo.cluster.replication.CommitLog;
import io.sampo.record.MessageDraft;
import io.sampo.record.QueueKey;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** The writer between a log group and a log that are probes. On a real log: LogGroupsTest. */
class CrossQueueWriterTest {
  private static final ActorTestKit KIT = ActorTestKit.create();
  private static final QueueKey ORDERS = new QueueKey("orders", 0);
  private static final QueueKey BILLS = new QueueKey("bills", 1);

  private final TestProbe<LogGroup.Command> logGroup = KIT.createTestProbe();
  private final TestProbe<CommitLog.Command> log = KIT.createTestProbe();
  private final TestProbe<Queue.Command> queue = KIT.createTestProbe();
  private final TestProbe<WriteReply> asker = KIT.createTestProbe();
  private final AtomicInteger released = new AtomicInteger();
  private final ActorRef<CrossQueueWriter.Command> writer =
      KIT.spawn(
          CrossQueueWriter.create(
              new Leadership("broker-0", 7, new FakeLog(), log.getRef()), logGroup.getRef(), 2));

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  private Write write(QueueKey... queues) {
    List<MessageDraft> drafts =
        Stream.of(queues)
            .map(key -> MessageDraft.to(key).onRelease(released::incrementAndGet).build())
            .toList();
    return new Write(drafts, asker.getRef()::tell);
  }

  private void resolve(QueueKey key) {
    ResolveQueue question = logGroup.expectMessageClass(ResolveQueue.class);
    assertThat(question.queue()).isEqualTo(key);
    question.replyTo().tell(new QueueResolved(key, queue.getRef()));
  }

  private CommitLog.Append appended() {
    return log.expectMessageClass(CommitLog.Append.class);
  }

  @Test
  void nothingIsAppendedBeforeTheActorsOfAllQueuesAreThere() {
    Write first = write(ORDERS, BILLS);
    Write second = write(ORDERS);
    writer.tell(first);
    writer.tell(second);
    resolve(ORDERS);
    log.expectNoMessage();
    resolve(BILLS);

    CommitLog.Append append = appended();
    assertThat(append.epoch()).isEqualTo(7);
    assertThat(append.drafts()).isEqualTo(first.drafts());
    assertThat(appended().drafts()).isEqualTo(second.drafts());
    logGroup.expectNoMessage();
    assertThat(released).hasValue(0); // the log does that
  }

  @Test
  void logsRefusalIsPassedOn() {
    writer.tell(write(ORDERS));
    resolve(ORDERS);
    appended().replyTo().tell(AppendRefused.DISK_FULL);
    asker.expectMessage(new NotWritten(AppendRefused.DISK_FULL));
    queue.expectNoMessage();
  }

  @Test
  void whatIsBeyondTheWindowIsRefusedAndReleased() {
    writer.tell(write(ORDERS));
    writer.tell(write(ORDERS));
    writer.tell(write(ORDERS, BILLS));
    asker.expectMessage(new NotWritten(AppendRefused.WINDOW_FULL));
    assertThat(released).hasValue(2);
    resolve(ORDERS);
    appended().replyTo().tell(AppendRefused.DISK_FULL);
    appended().replyTo().tell(AppendRefused.DISK_FULL);
    asker.receiveSeveralMessages(2);
    writer.tell(write(ORDERS));
    appended();
  }

  @Test
  void queueThatCantBeHadRefusesItsWriteAndNoOther() {
    writer.tell(write(BILLS));
    writer.tell(write(ORDERS));
    logGroup
        .expectMessageClass(ResolveQueue.class)
        .replyTo()
        .tell(new ResolveRefused("too many queues"));
    asker.expectMessage(new NotWritten(AppendRefused.WINDOW_FULL));
    assertThat(released).hasValue(1);
    resolve(ORDERS);
    appended();
  }

  @Test
  void whatWaitsWhenItStopsIsRefused() {
    writer.tell(write(ORDERS));
    logGroup.expectMessageClass(ResolveQueue.class);
    KIT.stop(writer);
    asker.expectMessage(new NotWritten(AppendRefused.NOT_LEADING));
    assertThat(released).hasValue(1);
  }
}
