package io.sampo.actors.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.OffsetKeeping.CommitOffset;
import io.sampo.actors.consumer.OffsetKeeping.CommitReply;
import io.sampo.actors.consumer.OffsetKeeping.GetOffset;
import io.sampo.actors.consumer.OffsetKeeping.OffsetCommitted;
import io.sampo.actors.consumer.OffsetKeeping.OffsetFound;
import io.sampo.actors.consumer.OffsetKeeping.OffsetReply;
import io.sampo.actors.consumer.Popping.Ack;
import io.sampo.actors.consumer.Popping.Acked;
import io.sampo.actors.consumer.Popping.ChangeInvisible;
import io.sampo.actors.consumer.Popping.Delivery;
import io.sampo.actors.consumer.Popping.DeliveryReply;
import io.sampo.actors.consumer.Popping.Extent;
import io.sampo.actors.consumer.Popping.GetMode;
import io.sampo.actors.consumer.Popping.GiveBack;
import io.sampo.actors.consumer.Popping.InvisibleChanged;
import io.sampo.actors.consumer.Popping.Mode;
import io.sampo.actors.consumer.Popping.ModeIs;
import io.sampo.actors.consumer.Popping.ModeReply;
import io.sampo.actors.consumer.Popping.NothingPopped;
import io.sampo.actors.consumer.Popping.Pop;
import io.sampo.actors.consumer.Popping.PopReply;
import io.sampo.actors.consumer.Popping.Popped;
import io.sampo.actors.consumer.Popping.QueueRead;
import io.sampo.actors.consumer.Popping.ReadNew;
import io.sampo.actors.consumer.Popping.SetMode;
import io.sampo.actors.consumer.Popping.SomethingThere;
import io.sampo.actors.consumer.Popping.WatchEnd;
import io.sampo.actors.consumer.Popping.WatchEnded;
import io.sampo.actors.consumer.Popping.WatchQueue;
import io.sampo.actors.consumer.Popping.Wish;
import io.sampo.record.QueueKey;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.persistence.testkit.PersistenceTestKitPlugin;
import org.apache.pekko.persistence.testkit.PersistenceTestKitSnapshotPlugin;
import org.apache.pekko.persistence.testkit.javadsl.PersistenceTestKit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A group's pops, on a journal in memory; the test reads the queues. */
class ConsumerGroupPopsTest {
  private static final GroupQueue ONE = new GroupQueue("broker-0", new QueueKey("orders", 0));
  private static final long INVISIBLE_MS = 60_000;
  private static final ConsumerSettings SETTINGS =
      ConsumerGroupHarness.settings(
          new PopSettings(8, 2, Duration.ofSeconds(10), Duration.ofSeconds(120)));

  private final ActorTestKit kit =
      ActorTestKit.create(
          ManualTime.config()
              .withFallback(PersistenceTestKitPlugin.getInstance().config())
              .withFallback(PersistenceTestKitSnapshotPlugin.config())
              .withFallback(ConfigFactory.load()));
  private final ManualTime time = ManualTime.get(kit.system());
  private final AtomicLong nowMs = new AtomicLong(1_000_000);
  private final HeldJournal held = new HeldJournal(PersistenceTestKit.create(kit.system()));
  private final TestProbe<PopReply> popper = kit.createTestProbe();
  private final TestProbe<DeliveryReply> acker = kit.createTestProbe();
  private ActorRef<ConsumerGroup.Command> group = start();

  @AfterEach
  void stop() {
    held.letGo();
    kit.shutdownTestKit();
  }

  @Test
  void whatIsPoppedIsAcknowledgedOnce() {
    Popped popped = popNew(wish(), 3, 5, 5, 3, 4);
    assertThat(popped.offsets()).containsExactly(3, 4);
    assertThat(popped.deliveries()).containsExactly(1, 1);

    assertThat(ack(popped.popTimeMs(), 3)).isEqualTo(1);
    assertThat(ack(popped.popTimeMs(), 3)).isZero();
    assertThat(ack(popped.popTimeMs() + 1, 4)).isZero();
    assertThat(ack(popped.popTimeMs(), 5)).isZero();
    assertThat(ack(popped.popTimeMs(), 4)).isEqualTo(1);
    awaitOffset(5);
  }

  @Test
  void aPopIsAnsweredOnceItIsDurable() {
    ReadNew read = askToRead(wish());
    held.hold();
    tellRead(read, wish(), 0, 2, 2, 0, 1);
    held.awaitWrite();
    popper.expectNoMessage();

    held.letGo();

    popper.expectMessageClass(Popped.class);
  }

  @Test
  void anAcknowledgementIsAnsweredOnceItIsDurable() {
    Popped popped = popNew(wish(), 0, 1, 1, 0);
    held.hold();
    group.tell(new Ack(ONE, List.of(new Delivery(0, popped.popTimeMs())), acker.getRef()::tell));
    held.awaitWrite();
    acker.expectNoMessage();
    held.letGo();
    acker.expectMessage(new Acked(1));
  }

  @Test
  void whatReachedNobodyIsThereAtOnceAndDoesNotCount() {
    Popped popped = popNew(wish(), 0, 1, 1, 0);
    for (int times = 0; times < 3; times++) {
      group.tell(new GiveBack(ONE, List.of(new Delivery(0, popped.popTimeMs()))));
      group.tell(new Pop(wish(), popper.getRef()::tell));
      popped = popper.expectMessageClass(Popped.class);

      assertThat(popped.again()).isTrue();
      assertThat(popped.deliveries()).containsExactly(1);
    }
  }

  @Test
  void whatIsNotAcknowledgedComesAgainAfterItsTime() {
    Popped first = popNew(wish(), 0, 1, 1, 0);
    TestProbe<PopReply> other = kit.createTestProbe();
    group.tell(new Pop(waiting(Duration.ofMinutes(2)), other.getRef()::tell));
    other.expectMessageClass(WatchQueue.class);
    pass(Duration.ofMillis(INVISIBLE_MS - 1));
    other.expectNoMessage();

    pass(Duration.ofMillis(1));

    Popped again = other.expectMessageClass(Popped.class);
    assertThat(again.again()).isTrue();
    assertThat(again.offsets()).containsExactly(0);
    assertThat(again.deliveries()).containsExactly(2);
    assertThat(ack(first.popTimeMs(), 0)).isZero();
    assertThat(ack(again.popTimeMs(), 0)).isEqualTo(1);
  }

  @Test
  void whoWaitsIsServedWhenTheQueueGrowsAndElseIsToldThatNothingCame() {
    ReadNew read = askToRead(waiting(Duration.ofSeconds(15)));
    tellRead(read, waiting(Duration.ofSeconds(15)), 7, 7, 7);
    popper.expectMessage(new WatchQueue(ONE, 7));

    group.tell(new WatchEnded(ONE, WatchEnd.GREW));

    ReadNew next = popper.expectMessageClass(ReadNew.class);
    assertThat(next.from()).isEqualTo(7);
    tellRead(next, waiting(Duration.ofSeconds(10)), 7, 7, 7);
    popper.expectMessage(new WatchQueue(ONE, 7));
    pass(Duration.ofSeconds(10));
    popper.expectMessage(NothingPopped.WAIT_OVER);
  }

  @Test
  void noMoreWaitThanMay() {
    ReadNew read = askToRead(waiting(Duration.ofSeconds(15)));
    TestProbe<PopReply> others = kit.createTestProbe();
    for (int i = 0; i < 3; i++) {
      group.tell(new Pop(waiting(Duration.ofSeconds(15)), others.getRef()::tell));
    }
    others.expectMessage(NothingPopped.TOO_MANY_WAITING);
    tellRead(read, wish(), 0, 0, 0);
    popper.expectMessage(NothingPopped.WAIT_OVER);
  }

  @Test
  void onlyOneReadsAQueueAndOneThatFailsLosesItsTurn() {
    ReadNew read = askToRead(wish());
    TestProbe<PopReply> other = kit.createTestProbe();
    group.tell(new Pop(wish(), other.getRef()::tell));
    other.expectMessage(NothingPopped.WAIT_OVER);
    pass(Duration.ofSeconds(10));

    group.tell(new Pop(wish(), other.getRef()::tell));

    other.expectMessageClass(ReadNew.class);
    tellRead(read, wish(), 0, 1, 1, 0);
    popper.expectMessage(NothingPopped.LEASE_LOST);
  }

  @Test
  void nothingNewIsHandedOutBeyondTheLimit() {
    popNew(wish(), 0, 8, 20, 0, 1, 2, 3, 4, 5, 6, 7);

    group.tell(new Pop(wish(), popper.getRef()::tell));

    popper.expectMessage(NothingPopped.WAIT_OVER);
  }

  @Test
  void anOrderedQueueWaitsForWhatWasPoppedBefore() {
    Wish inOrder = new Wish("broker-0", "orders", 0, 1, 8, INVISIBLE_MS, 0, true, "a", false);
    Wish other = new Wish("broker-0", "orders", 0, 1, 8, INVISIBLE_MS, 0, true, "b", false);
    Popped popped = popNew(inOrder, 0, 2, 9, 0, 1);
    group.tell(new Pop(other, popper.getRef()::tell));
    popper.expectMessage(NothingPopped.WAIT_OVER);

    group.tell(new Pop(inOrder, popper.getRef()::tell)); // its answer was lost

    Popped repeated = popper.expectMessageClass(Popped.class);
    assertThat(repeated.offsets()).containsExactly(0, 1);
    assertThat(repeated.deliveries()).containsExactly(1, 1);
    assertThat(ack(popped.popTimeMs(), 0)).isZero();
    assertThat(ack(repeated.popTimeMs(), 0)).isEqualTo(1);
    group.tell(new Pop(other, popper.getRef()::tell));
    popper.expectMessage(NothingPopped.WAIT_OVER);
    assertThat(ack(repeated.popTimeMs(), 1)).isEqualTo(1);
    assertThat(popNew(other, 2, 3, 9, 2).offsets()).containsExactly(2);
  }

  @Test
  void aDeliveryGoesOnWithAnotherTime() {
    Popped popped = popNew(wish(), 0, 1, 1, 0);
    group.tell(
        new ChangeInvisible(ONE, new Delivery(0, popped.popTimeMs()), 5_000, acker.getRef()::tell));
    long popTimeMs = acker.expectMessageClass(InvisibleChanged.class).popTimeMs();
    assertThat(popTimeMs).isGreaterThan(popped.popTimeMs());
    group.tell(
        new ChangeInvisible(ONE, new Delivery(0, popped.popTimeMs()), 5_000, acker.getRef()::tell));
    acker.expectMessage(new InvisibleChanged(-1));

    pass(Duration.ofSeconds(5));

    group.tell(new Pop(wish(), popper.getRef()::tell));
    assertThat(popper.expectMessageClass(Popped.class).offsets()).containsExactly(0);
  }

  @Test
  void aPeekTakesNothing() {
    Wish peek = new Wish("broker-0", "orders", 0, 1, 1, INVISIBLE_MS, 0, false, null, true);
    ReadNew read = askToRead(peek);
    tellRead(read, peek, 0, 4, 9, 3);
    popper.expectMessage(SomethingThere.INSTANCE);
    assertThat(popNew(wish(), 3, 4, 9, 3).offsets()).containsExactly(3);
  }

  @Test
  void everythingIsAsItWasAfterARestart() {
    Popped popped = popNew(wish(), 0, 3, 3, 0, 1, 2);
    assertThat(ack(popped.popTimeMs(), 1)).isEqualTo(1);
    setMode(new Mode(true, 2));

    restart();

    assertThat(askToRead(wish()).from()).isEqualTo(3);
    assertThat(ack(popped.popTimeMs(), 1)).isZero();
    assertThat(ack(popped.popTimeMs(), 2)).isEqualTo(1);
    pass(Duration.ofMillis(INVISIBLE_MS));
    group.tell(new Pop(wish(), popper.getRef()::tell));
    assertThat(popper.expectMessageClass(Popped.class).offsets()).containsExactly(0);
    TestProbe<ModeReply> modes = kit.createTestProbe();
    group.tell(new GetMode("orders", modes.getRef()::tell));
    modes.expectMessage(new ModeIs(new Mode(true, 2)));
    group.tell(new GetMode("payments", modes.getRef()::tell));
    modes.expectMessage(new ModeIs(Mode.PULL));
  }

  @Test
  void anOffsetThatIsSetCountsForPopsToo() {
    commit(4);
    Popped popped = popNew(wish(), 4, 6, 6, 4, 5);
    commit(5);
    assertThat(ack(popped.popTimeMs(), 4)).isZero();
    assertThat(ack(popped.popTimeMs(), 5)).isEqualTo(1);
    awaitOffset(6);

    commit(2);

    assertThat(askToRead(wish()).from()).isEqualTo(2);
    restart();
    commit(1); // before anybody pops
    assertThat(askToRead(wish()).from()).isEqualTo(1);
  }

  @Test
  void whoWaitsIsRefusedWhenTheGroupEnds() {
    ReadNew read = askToRead(waiting(Duration.ofSeconds(15)));
    tellRead(read, waiting(Duration.ofSeconds(15)), 0, 0, 0);
    popper.expectMessageClass(WatchQueue.class);

    kit.stop(group);

    popper.expectMessage(GroupRefused.NOT_LEADING);
  }

  private ActorRef<ConsumerGroup.Command> start() {
    return kit.spawn(
        ConsumerGroup.create(
            new ConsumerGroup.Identity("broker-0", "billing"),
            new ConsumerGroup.Surroundings(SETTINGS, nowMs::get, replyTo -> replyTo.tell(true))));
  }

  private void restart() {
    kit.stop(group);
    group = start();
  }

  private void pass(Duration duration) {
    nowMs.addAndGet(duration.toMillis());
    time.timePasses(duration);
  }

  private static Wish wish() {
    return waiting(Duration.ZERO);
  }

  private static Wish waiting(Duration wait) {
    return new Wish(
        "broker-0", "orders", 0, 1, 32, INVISIBLE_MS, wait.toMillis(), false, null, false);
  }

  private ReadNew askToRead(Wish wish) {
    group.tell(new Pop(wish, popper.getRef()::tell));
    return popper.expectMessageClass(ReadNew.class);
  }

  private void tellRead(
      ReadNew read, Wish wish, long from, long reached, long end, long... offsets) {
    group.tell(
        new QueueRead(
            read.lease(), wish, new Extent(from, reached, end), offsets, popper.getRef()::tell));
  }

  /**
   * Pops from where the group is, which is checked; -1 for a group that begins at the first offset.
   */
  private Popped popNew(Wish wish, long from, long reached, long end, long... offsets) {
    ReadNew read = askToRead(wish);
    assertThat(read.from()).isIn(from, -1L);
    long begin = LongStream.of(offsets).min().orElse(reached);
    tellRead(read, wish, read.from() < 0 ? begin : read.from(), reached, end, offsets);
    return popper.expectMessageClass(Popped.class);
  }

  private int ack(long popTimeMs, long offset) {
    group.tell(new Ack(ONE, List.of(new Delivery(offset, popTimeMs)), acker.getRef()::tell));
    return acker.expectMessageClass(Acked.class).count();
  }

  private void setMode(Mode mode) {
    TestProbe<ModeReply> modes = kit.createTestProbe();
    group.tell(new SetMode("orders", mode, modes.getRef()::tell));
    modes.expectMessage(new ModeIs(mode));
  }

  private void commit(long offset) {
    TestProbe<CommitReply> committer = kit.createTestProbe();
    group.tell(new CommitOffset(ONE, offset, committer.getRef()::tell));
    committer.expectMessage(new OffsetCommitted(offset));
  }

  private void awaitOffset(long offset) {
    TestProbe<OffsetReply> asker = kit.createTestProbe();
    @Nullable OffsetReply[] last = new OffsetReply[1];
    asker.awaitAssert(
        () -> {
          group.tell(new GetOffset(ONE, asker.getRef()::tell));
          last[0] = asker.receiveMessage();
          assertThat(last[0]).isEqualTo(new OffsetFound(offset));
          return last[0];
        });
  }
}
