package io.sampo.actors.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.actors.filter.BadFilterException;
import io.sampo.actors.filter.FilterSettings;
import io.sampo.actors.filter.TagFilter;
import io.sampo.actors.group.FakeLog.FakeQueue;
import io.sampo.actors.group.Queue.Append;
import io.sampo.actors.group.Queue.EntryFilter;
import io.sampo.actors.group.Queue.OffsetFound;
import io.sampo.actors.group.Queue.Pull;
import io.sampo.actors.group.Queue.PullLimits;
import io.sampo.actors.group.Queue.PullReply;
import io.sampo.cluster.replication.CommitLog;
import io.sampo.record.MessageDraft;
import io.sampo.record.QueueKey;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;

/** A queue over a log of entries without bytes and a commit log that is the test itself. */
abstract class QueueOverFakeLog {
  static final QueueKey KEY = new QueueKey("orders", 3);
  static final PullLimits PLENTY = new PullLimits(32, 1 << 20);
  static final QueueSettings SETTINGS = new QueueSettings(2, 3, 100, Duration.ofSeconds(60));

  final ActorTestKit kit = ActorTestKit.create(ManualTime.config());
  final ManualTime time = ManualTime.get(kit.system());
  final AtomicLong nowMs = new AtomicLong(1_000_000);
  final FakeLog log = new FakeLog();
  final FakeQueue entries = log.queue(KEY);
  final TestProbe<CommitLog.Command> commitLog = kit.createTestProbe();
  final TestProbe<PullReply> consumer = kit.createTestProbe();

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  ActorRef<Queue.Command> start() {
    Leadership leadership = new Leadership("broker-0", 7, log, commitLog.getRef());
    return kit.spawn(Queue.create(KEY, leadership, SETTINGS, nowMs::get).actor());
  }

  /** What was told before is handled, and its timers are set. */
  void awaitHandled(ActorRef<Queue.Command> queue) {
    search(queue, 0, false);
  }

  long search(ActorRef<Queue.Command> queue, long timestampMs, boolean upper) {
    TestProbe<Queue.SearchReply> asker = kit.createTestProbe();
    queue.tell(new Queue.SearchOffset(timestampMs, upper, asker.getRef()::tell));
    return asker.expectMessageClass(OffsetFound.class).offset();
  }

  CommitLog.Append append(ActorRef<Queue.Command> queue) {
    queue.tell(new Append(List.of(MessageDraft.to(KEY).build()), reply -> {}));
    return commitLog.expectMessageClass(CommitLog.Append.class);
  }

  static void commit(CommitLog.Append append, long nextOffset, int answered) {
    assertThat(append.progress()).isNotNull();
    append.progress().tell(new CommitLog.QueueCommitted(nextOffset, answered));
  }

  Pull pull(long offset, long waitMillis) {
    return pull(offset, PLENTY, EntryFilter.ALL, waitMillis);
  }

  Pull pull(long offset, PullLimits limits, EntryFilter filter, long waitMillis) {
    return new Pull(offset, limits, filter, waitMillis, consumer.getRef()::tell);
  }

  static EntryFilter tags(String expression) {
    try {
      return TagFilter.compile("TAG", expression, new FilterSettings(100, 10, 10));
    } catch (BadFilterException e) {
      throw new AssertionError(e);
    }
  }

  void pass(Duration duration) {
    nowMs.addAndGet(duration.toMillis());
    time.timePasses(duration);
  }
}
