package io.sampo.actors.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.cluster.replication.AppendRefused;
import io.sampo.cluster.replication.AppendReply;
import io.sampo.cluster.replication.CommitLog;
import io.sampo.cluster.replication.CommitLog.QueueCommitted;
import io.sampo.record.MessageDraft;
import io.sampo.record.QueueKey;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class QueueGateTest {
  private static final ActorTestKit KIT = ActorTestKit.create();
  private static final QueueKey KEY = new QueueKey("orders", 0);

  private final TestProbe<CommitLog.Command> log = KIT.createTestProbe();
  private final TestProbe<AppendReply> producer = KIT.createTestProbe();
  private final QueueGate gate =
      new QueueGate(new Leadership("broker-0", 7, new FakeLog(), log.getRef()), 5, 2);
  private final AtomicInteger told = new AtomicInteger();

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  private CommitLog.Append append() {
    gate.append(new Queue.Append(List.of(MessageDraft.to(KEY).build()), producer.getRef()::tell));
    return log.expectMessageClass(CommitLog.Append.class);
  }

  @Test
  void appendGoesToTheLogUnderItsEpochWithTheGateAsItsProgress() {
    CommitLog.Append append = append();
    assertThat(append.epoch()).isEqualTo(7);
    assertThat(append.progress()).isSameAs(gate);
  }

  @Test
  void windowIsFullUntilTheLogHasAnsweredAndARefusalTakesNoRoom() {
    append();
    append();
    for (int i = 0; i < 3; i++) {
      gate.append(new Queue.Append(List.of(MessageDraft.to(KEY).build()), producer.getRef()::tell));
      producer.expectMessage(AppendRefused.WINDOW_FULL);
    }
    gate.tell(new QueueCommitted(6, 1));
    append();
  }

  @Test
  void committedOffsetNeverGoesBack() {
    gate.committed(9);
    gate.tell(new QueueCommitted(7, 0));
    assertThat(gate.committedOffset()).isEqualTo(9);
  }

  @Test
  void whoeverWatchesIsToldOnceAndOnlyOfProgress() {
    gate.watch(told::incrementAndGet);
    gate.committed(5);
    assertThat(told).hasValue(0);
    gate.committed(6);
    gate.committed(7);
    assertThat(told).hasValue(1);
    gate.watch(told::incrementAndGet);
    gate.tell(new QueueCommitted(8, 0));
    assertThat(told).hasValue(2);
  }
}
