package io.sampo.actors.consumer;

import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.ConsumerGroup.Identity;
import io.sampo.actors.consumer.PopChanges.ModeChange;
import io.sampo.actors.consumer.PopLine.Slot;
import io.sampo.actors.consumer.PopLine.Waiting;
import io.sampo.actors.consumer.Popping.Ack;
import io.sampo.actors.consumer.Popping.Acked;
import io.sampo.actors.consumer.Popping.ChangeInvisible;
import io.sampo.actors.consumer.Popping.Delivery;
import io.sampo.actors.consumer.Popping.Extent;
import io.sampo.actors.consumer.Popping.GetMode;
import io.sampo.actors.consumer.Popping.GiveBack;
import io.sampo.actors.consumer.Popping.InvisibleChanged;
import io.sampo.actors.consumer.Popping.Mode;
import io.sampo.actors.consumer.Popping.ModeIs;
import io.sampo.actors.consumer.Popping.NothingPopped;
import io.sampo.actors.consumer.Popping.Pop;
import io.sampo.actors.consumer.Popping.PopReply;
import io.sampo.actors.consumer.Popping.Popped;
import io.sampo.actors.consumer.Popping.QueueRead;
import io.sampo.actors.consumer.Popping.ReadFailed;
import io.sampo.actors.consumer.Popping.ReadNew;
import io.sampo.actors.consumer.Popping.Request;
import io.sampo.actors.consumer.Popping.SetMode;
import io.sampo.actors.consumer.Popping.SomethingThere;
import io.sampo.actors.consumer.Popping.WatchEnd;
import io.sampo.actors.consumer.Popping.WatchEnded;
import io.sampo.actors.consumer.Popping.Wish;
import io.sampo.cluster.replication.ReplyTo;
import io.sampo.cluster.replication.Undeliverable;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.StashBuffer;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * The pops of one group, child of its {@link ConsumerGroup}, which starts it with the first
 * request: most groups never pop. Ends with the group, and so with the leadership of the log group
 * that the pops are written to.
 *
 * <p>It decides who gets which offsets and never sees a message. What it hands out, and what is
 * acknowledged, it answers once that is durable. Those for whom there is nothing wait in a {@link
 * PopLine} until a queue grows, a message becomes visible again, or their time is over.
 */
final class PopKeeper extends AbstractBehavior<PopKeeper.Command> implements PopWriter.Listener {
  /** What it is told. */
  interface Command {}

  /** A request of somebody who pops. */
  record Requested(Request request) implements Command, Undeliverable {
    @Override
    public void undelivered() {
      request.undelivered();
    }
  }

  /**
   * The group's offset of a queue was set by somebody who doesn't pop.
   *
   * @param settings how many such there were that set an offset back
   */
  record OffsetSet(GroupQueue queue, long offset, int settings) implements Command {}

  private enum LookAgain implements Command {
    INSTANCE
  }

  private record WatchAgain(GroupQueue queue) implements Command {}

  private record LineKey(String logGroup, String topic) {}

  /** The two clocks of {@link PopState}. */
  record Clocks(LongSupplier nowMs, LongSupplier wallMs) {}

  private static final Duration WATCH_PAUSE = Duration.ofSeconds(1);
  private static final long UNKNOWN = -1;

  private final Identity identity;
  private final ConsumerSettings settings;
  private final Clocks clocks;
  private final TimerScheduler<Command> timers;
  private final StashBuffer<Command> stash;
  private final ActorRef<ConsumerGroup.Command> group;
  private final Map<GroupQueue, Long> committed;
  private final PopLedger ledger;
  private final PopWriter writer;
  private final Map<LineKey, PopLine> lines = new HashMap<>();
  private final Map<GroupQueue, Long> told = new HashMap<>();
  private final Set<GroupQueue> setWhileRecovering = new HashSet<>();
  private int settingsBack;
  private long lastLeaseId;
  private int waitingCount;
  private long lookAtMs = Long.MAX_VALUE;
  private boolean fullSaid;

  private PopKeeper(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      StashBuffer<Command> stash,
      Group of,
      Clocks clocks) {
    super(context);
    this.timers = timers;
    this.stash = stash;
    this.identity = of.identity();
    this.settings = of.settings();
    this.group = of.actor();
    this.committed = new HashMap<>(of.committed());
    this.clocks = clocks;
    this.ledger = new PopLedger(settings.offsetQueuesMax());
    this.writer = new PopWriter(context, timers, identity, settings, ledger, this);
  }

  /**
   * The group that pops.
   *
   * @param committed its offsets when the keeper starts; what is set later is told
   * @param actor is told how far the group is
   */
  record Group(
      Identity identity,
      ConsumerSettings settings,
      Map<GroupQueue, Long> committed,
      ActorRef<ConsumerGroup.Command> actor) {}

  static Behavior<Command> create(Group group, Clocks clocks) {
    return Behaviors.withStash(
        group.settings().waitingMax(),
        stash ->
            Behaviors.withTimers(
                timers ->
                    Behaviors.setup(
                        context -> new PopKeeper(context, timers, stash, group, clocks))));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Requested.class, this::onRequested)
        .onMessage(OffsetSet.class, this::onOffsetSet)
        .onMessage(PopWriter.Event.class, this::onWriterEvent)
        .onMessageEquals(LookAgain.INSTANCE, this::onLookAgain)
        .onMessage(WatchAgain.class, this::onWatchAgain)
        .onSignal(PostStop.class, signal -> onPostStop())
        .build();
  }

  private Behavior<Command> onRequested(Requested requested) {
    Request request = requested.request();
    if (!writer.hasRecovered() && !stash.isFull()) {
      stash.stash(requested);
    } else if (!writer.hasRecovered() || (writer.isCrowded() && isAnsweredOnceDurable(request))) {
      if (request instanceof QueueRead read) {
        onReadFailed(new ReadFailed(read.lease()));
      }
      request.refused(GroupRefused.TOO_MANY_WAITING);
    } else if (request instanceof Pop pop) {
      onPop(pop.wish(), pop.replyTo());
    } else if (request instanceof QueueRead read) {
      onQueueRead(read);
    } else if (request instanceof Ack ack) {
      onAck(ack);
    } else if (request instanceof ChangeInvisible change) {
      onChange(change);
    } else if (request instanceof GiveBack back) {
      onGiveBack(back);
    } else if (request instanceof WatchEnded ended) {
      onWatchEnded(ended);
    } else if (request instanceof ReadFailed failed) {
      onReadFailed(failed);
    } else if (request instanceof SetMode set) {
      onSetMode(set);
    } else if (request instanceof GetMode get) {
      get.replyTo().tell(new ModeIs(mode(get.topic())));
    }
    return this;
  }

  private static boolean isAnsweredOnceDurable(Request request) {
    return !(request instanceof WatchEnded
        || request instanceof ReadFailed
        || request instanceof GiveBack
        || request instanceof GetMode);
  }

  private void onPop(Wish wish, ReplyTo<PopReply> replyTo) {
    if (serve(wish, replyTo)) {
      return;
    }
    if (wish.waitMs() <= 0) {
      replyTo.tell(NothingPopped.WAIT_OVER);
    } else if (waitingCount >= settings.pop().waitingMax()) {
      replyTo.tell(NothingPopped.TOO_MANY_WAITING);
    } else {
      PopLine line = line(wish.logGroup(), wish.topic());
      line.park(new Waiting(wish, replyTo, clocks.nowMs().getAsLong() + wish.waitMs()));
      waitingCount++;
      watch(line);
      lookInTime(line);
    }
  }

  /** Answers with something, now or once it is durable; false when there is nothing. */
  private boolean serve(Wish wish, ReplyTo<PopReply> replyTo) {
    return serve(wish, replyTo, line(wish.logGroup(), wish.topic()).inTurn(wish));
  }

  private boolean serve(Wish wish, ReplyTo<PopReply> replyTo, List<Slot> slots) {
    long nowMs = clocks.nowMs().getAsLong();
    for (Slot slot : slots) {
      PopState state = ledger.find(slot.queue());
      if (state != null && handOutAgain(state, wish, nowMs, replyTo)) {
        return true;
      }
    }
    for (Slot slot : slots) {
      if (slot.isReadable(nowMs) && letRead(slot, wish, nowMs, replyTo)) {
        return true;
      }
    }
    return false;
  }

  private boolean handOutAgain(PopState state, Wish wish, long nowMs, ReplyTo<PopReply> replyTo) {
    if (wish.peek()) {
      boolean there = state.hasVisible(nowMs) && !(wish.inOrder() && state.isBlocked(nowMs, null));
      if (there) {
        replyTo.tell(SomethingThere.INSTANCE);
      }
      return there;
    }
    long wallMs = clocks.wallMs().getAsLong();
    PopState.Taken taken =
        wish.inOrder()
            ? state.takeAgainInOrder(
                wish.messagesMax(), wish.attemptId(), nowMs, wallMs, wish.invisibleMs())
            : state.takeAgain(wish.messagesMax(), nowMs, wallMs, wish.invisibleMs());
    if (taken == null) {
      return false;
    }
    handedOut(state, taken, true, replyTo);
    return true;
  }

  private void handedOut(
      PopState state, PopState.Taken taken, boolean again, ReplyTo<PopReply> replyTo) {
    ledger.collect(state);
    lookInTime(line(state.queue()));
    writer.answerOnceDurable(
        replyTo,
        new Popped(
            state.queue(),
            again,
            taken.popTimeMs(),
            taken.invisibleMs(),
            taken.offsets(),
            taken.deliveries()),
        GroupRefused.NOT_LEADING);
  }

  private boolean letRead(Slot slot, Wish wish, long nowMs, ReplyTo<PopReply> replyTo) {
    PopState state = ledger.find(slot.queue());
    int room = settings.pop().inFlightMax() - (state == null ? 0 : state.heldCount());
    if (state == null && ledger.isFull()) {
      sayFull();
      return false;
    }
    if (room <= 0 || (wish.inOrder() && state != null && state.heldCount() > 0)) {
      return false;
    }
    long from = state == null ? committed.getOrDefault(slot.queue(), UNKNOWN) : state.next();
    lastLeaseId++;
    replyTo.tell(
        new ReadNew(
            slot.lease(lastLeaseId, nowMs + settings.pop().readMax().toMillis()),
            from,
            Math.min(room, wish.messagesMax())));
    return true;
  }

  private void sayFull() {
    if (!fullSaid) {
      fullSaid = true;
      getContext()
          .getLog()
          .warn(
              "{} pops {} queues, which is the limit; it gets nothing of others",
              identity.group(),
              settings.offsetQueuesMax());
    }
  }

  private void onQueueRead(QueueRead read) {
    GroupQueue queue = read.lease().queue();
    Slot slot = slot(queue);
    if (!slot.endLease(read.lease())) {
      read.replyTo().tell(NothingPopped.LEASE_LOST);
      return;
    }
    Extent extent = read.extent();
    PopState state = ledger.begin(queue, extent.from());
    if (extent.from() < state.next()) {
      getContext()
          .getLog()
          .warn(
              "{} of {} ends at {}, where {} was popped already; popping goes on there",
              queue,
              identity.group(),
              extent.from(),
              state.next());
      state.restartAt(extent.from());
    }
    slot.read(extent.reached() >= extent.end());
    if (read.offsets().length == 0) {
      state.skipTo(extent.reached());
      writeSoon(state);
      onPop(read.wish(), read.replyTo());
    } else if (read.wish().peek()) {
      state.skipTo(read.offsets()[0]);
      slot.read(false);
      writeSoon(state);
      read.replyTo().tell(SomethingThere.INSTANCE);
    } else {
      handOutNew(state, read);
    }
    serveLine(queue);
  }

  private void handOutNew(PopState state, QueueRead read) {
    PopState.Taken taken =
        state.takeNew(
            read.offsets(),
            read.extent().reached(),
            clocks.nowMs().getAsLong(),
            clocks.wallMs().getAsLong(),
            read.wish().invisibleMs());
    if (read.wish().inOrder()) {
      state.remember(read.wish().attemptId(), taken);
    }
    handedOut(state, taken, false, read.replyTo());
  }

  private void writeSoon(PopState state) {
    ledger.collect(state);
    writer.write();
  }

  private void onReadFailed(ReadFailed failed) {
    Slot slot = slot(failed.lease().queue());
    if (slot.endLease(failed.lease())) {
      serveLine(slot.queue());
    }
  }

  private void onWatchEnded(WatchEnded ended) {
    Slot slot = slot(ended.queue());
    if (ended.end() == WatchEnd.GREW) {
      slot.grew();
      serveLine(ended.queue());
    } else if (ended.end() == WatchEnd.QUIET) {
      slot.unwatched();
      watch(line(ended.queue()));
    } else { // not at once again, it would fail again
      timers.startSingleTimer(ended.queue(), new WatchAgain(ended.queue()), WATCH_PAUSE);
    }
  }

  /** Nobody knows what came meanwhile. */
  private Behavior<Command> onWatchAgain(WatchAgain again) {
    slot(again.queue()).grew();
    serveLine(again.queue());
    return this;
  }

  private void onAck(Ack ack) {
    PopState state = ledger.find(ack.queue());
    int count = 0;
    if (state != null) {
      for (Delivery delivery : ack.deliveries()) {
        if (state.ack(delivery.offset(), delivery.popTimeMs())) {
          count++;
        }
      }
    }
    if (state == null || count == 0) {
      ack.replyTo().tell(new Acked(0));
      return;
    }
    ledger.collect(state);
    writer.answerOnceDurable(ack.replyTo(), new Acked(count), GroupRefused.NOT_LEADING);
    serveLine(ack.queue());
  }

  private void onChange(ChangeInvisible change) {
    PopState state = ledger.find(change.queue());
    Delivery delivery = change.delivery();
    long popTimeMs =
        state == null
            ? PopState.STALE
            : state.change(
                delivery.offset(),
                delivery.popTimeMs(),
                clocks.nowMs().getAsLong(),
                clocks.wallMs().getAsLong(),
                change.invisibleMs());
    if (state == null || popTimeMs == PopState.STALE) {
      change.replyTo().tell(new InvisibleChanged(PopState.STALE));
      return;
    }
    ledger.collect(state);
    writer.answerOnceDurable(
        change.replyTo(), new InvisibleChanged(popTimeMs), GroupRefused.NOT_LEADING);
    serveLine(change.queue());
  }

  private void onGiveBack(GiveBack back) {
    PopState state = ledger.find(back.queue());
    if (state == null) {
      return;
    }
    for (Delivery delivery : back.deliveries()) {
      state.change(
          delivery.offset(),
          delivery.popTimeMs(),
          clocks.nowMs().getAsLong(),
          clocks.wallMs().getAsLong(),
          0);
    }
    writeSoon(state);
    serveLine(back.queue());
  }

  private Mode mode(String topic) {
    ModeChange set = ledger.mode(topic);
    return set == null ? Mode.PULL : new Mode(set.pop(), set.sharedQueues());
  }

  private void onSetMode(SetMode set) {
    Mode mode = set.mode();
    if (ledger.mode(set.topic()) == null && ledger.modeCount() >= settings.topicsMax()) {
      set.refused(GroupRefused.TOO_MANY_TOPICS);
      return;
    }
    ledger.setMode(new ModeChange(set.topic(), mode.pop(), mode.sharedQueues()));
    writer.answerOnceDurable(set.replyTo(), new ModeIs(mode), GroupRefused.NOT_LEADING);
  }

  private Behavior<Command> onOffsetSet(OffsetSet set) {
    if (set.settings() != settingsBack) {
      settingsBack = set.settings();
      told.remove(set.queue()); // what the group was told of others may have come too early
      told.forEach(
          (queue, offset) ->
              group.tell(new ConsumerGroup.PopProgress(queue, offset, settingsBack)));
    }
    committed.put(set.queue(), set.offset());
    if (writer.hasRecovered()) {
      apply(set.queue(), set.offset(), true);
    } else {
      setWhileRecovering.add(set.queue());
    }
    return this;
  }

  /** What is read meanwhile begins at the wrong offset. */
  private void apply(GroupQueue queue, long offset, boolean mayGoBack) {
    PopState state = ledger.find(queue);
    if (state == null) {
      slot(queue).breakLease();
      return;
    }
    long now = state.committed();
    if (offset > now) {
      state.commitTo(offset);
    } else if (offset < now && mayGoBack) {
      state.restartAt(offset);
    } else {
      return;
    }
    slot(queue).breakLease();
    writeSoon(state);
    serveLine(queue);
  }

  private Behavior<Command> onWriterEvent(PopWriter.Event event) {
    writer.on(event);
    return writer.hasRecovered() && !stash.isEmpty() ? stash.unstashAll(this) : this;
  }

  /**
   * An offset that is higher was set while nothing was popped; a lower one is behind by a crash.
   */
  @Override
  public void recovered(PopChanges whole) {
    ledger.recovered(whole, clocks.nowMs().getAsLong(), clocks.wallMs().getAsLong());
    for (PopState state : List.copyOf(ledger.states())) {
      Long offset = committed.get(state.queue());
      if (offset != null) {
        apply(state.queue(), offset, setWhileRecovering.contains(state.queue()));
      }
    }
    setWhileRecovering.clear();
  }

  @Override
  public void stored(Collection<PopState> states) {
    for (PopState state : states) {
      long offset = state.committed();
      Long before = told.put(state.queue(), offset);
      if (before == null || before != offset) {
        group.tell(new ConsumerGroup.PopProgress(state.queue(), offset, settingsBack));
      }
    }
  }

  /** Serves those who wait from a queue of which something changed, and from that one only. */
  private void serveLine(GroupQueue queue) {
    PopLine line = line(queue);
    if (!line.hasWaiting()) {
      return;
    }
    Slot slot = slot(queue);
    List<Slot> only = List.of(slot);
    line.removeServed(
        slot,
        () -> mayServe(slot),
        one -> {
          boolean served = serve(one.wish(), one.replyTo(), only);
          waitingCount -= served ? 1 : 0;
          return served;
        });
    watch(line);
    lookInTime(line);
  }

  /** False when the queue has nothing for anybody now. */
  private boolean mayServe(Slot slot) {
    long nowMs = clocks.nowMs().getAsLong();
    PopState state = ledger.find(slot.queue());
    return slot.isReadable(nowMs) || (state != null && state.hasVisible(nowMs));
  }

  private void watch(PopLine line) {
    line.watch(
        clocks.nowMs().getAsLong(),
        settings.pop().watchMax().toMillis(),
        queue -> {
          PopState state = ledger.find(queue);
          return state == null ? 0 : state.next();
        });
  }

  /** Sees to it that the line is looked at when somebody's time is over or a message is visible. */
  private void lookInTime(PopLine line) {
    if (!line.hasWaiting()) {
      return;
    }
    long nowMs = clocks.nowMs().getAsLong();
    long atMs = Math.min(line.firstDeadlineMs(), line.nextChangeMs(ledger, nowMs));
    if (atMs < lookAtMs) {
      lookAtMs = atMs;
      long waitMs = Math.max(1, atMs - nowMs);
      timers.startSingleTimer(LookAgain.INSTANCE, Duration.ofMillis(waitMs));
    }
  }

  private Behavior<Command> onLookAgain() {
    lookAtMs = Long.MAX_VALUE;
    long nowMs = clocks.nowMs().getAsLong();
    for (PopLine line : lines.values()) {
      line.removeServed(
          one -> {
            boolean served = serve(one.wish(), one.replyTo());
            if (!served && one.deadlineMs() <= nowMs) {
              one.replyTo().tell(NothingPopped.WAIT_OVER);
              served = true;
            }
            waitingCount -= served ? 1 : 0;
            return served;
          });
      watch(line);
      lookInTime(line);
    }
    return this;
  }

  private PopLine line(String logGroup, String topic) {
    return lines.computeIfAbsent(
        new LineKey(logGroup, topic), key -> new PopLine(key.logGroup(), key.topic()));
  }

  private PopLine line(GroupQueue queue) {
    return line(queue.logGroup(), queue.key().topic());
  }

  private Slot slot(GroupQueue queue) {
    return line(queue).slot(queue.key().queueId());
  }

  private Behavior<Command> onPostStop() {
    stash.forEach(
        command -> {
          if (command instanceof Requested requested) {
            requested.undelivered();
          }
        });
    writer.refuseWaiting();
    lines.values().forEach(line -> line.refuseWaiting(GroupRefused.NOT_LEADING));
    return this;
  }
}
