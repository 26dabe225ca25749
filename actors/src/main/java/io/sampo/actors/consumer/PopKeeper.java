package io.sampo.actors.consumer;

import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.ConsumerGroup.Identity;
import io.sampo.actors.consumer.PopChanges.ModeChange;
import io.sampo.actors.consumer.PopLine.Slot;
import io.sampo.actors.consumer.Popping.Ack;
import io.sampo.actors.consumer.Popping.Acked;
import io.sampo.actors.consumer.Popping.ChangeInvisible;
import io.sampo.actors.consumer.Popping.Delivery;
import io.sampo.actors.consumer.Popping.GetMode;
import io.sampo.actors.consumer.Popping.GiveBack;
import io.sampo.actors.consumer.Popping.InvisibleChanged;
import io.sampo.actors.consumer.Popping.Mode;
import io.sampo.actors.consumer.Popping.ModeIs;
import io.sampo.actors.consumer.Popping.Pop;
import io.sampo.actors.consumer.Popping.QueueRead;
import io.sampo.actors.consumer.Popping.ReadFailed;
import io.sampo.actors.consumer.Popping.Request;
import io.sampo.actors.consumer.Popping.SetMode;
import io.sampo.actors.consumer.Popping.WatchEnd;
import io.sampo.actors.consumer.Popping.WatchEnded;
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
 * <p>It decides who gets which offsets and never sees a message: {@link PopDesk} hands out, and has
 * those wait for whom there is nothing; what is acknowledged or put off is done here. Both are
 * answered once they are durable.
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

  /** The two clocks of {@link PopState}. */
  record Clocks(LongSupplier nowMs, LongSupplier wallMs) {}

  private static final Duration WATCH_PAUSE = Duration.ofSeconds(1);

  private final ConsumerSettings settings;
  private final Clocks clocks;
  private final TimerScheduler<Command> timers;
  private final StashBuffer<Command> stash;
  private final ActorRef<ConsumerGroup.Command> group;
  private final Map<GroupQueue, Long> committed;
  private final PopLedger ledger;
  private final PopWriter writer;
  private final PopDesk desk;
  private final PopLines lines;
  private final Map<GroupQueue, Long> told = new HashMap<>();
  private final Set<GroupQueue> setWhileRecovering = new HashSet<>();
  private int settingsBack;

  private PopKeeper(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      StashBuffer<Command> stash,
      Group of,
      Clocks clocks) {
    super(context);
    this.timers = timers;
    this.stash = stash;
    this.settings = of.settings();
    this.group = of.actor();
    this.committed = new HashMap<>(of.committed());
    this.clocks = clocks;
    this.ledger = new PopLedger(settings.offsetQueuesMax());
    this.writer = new PopWriter(context, timers, of.identity(), settings, ledger, this);
    this.desk =
        new PopDesk(
            of,
            committed,
            clocks,
            ledger,
            writer,
            delay -> timers.startSingleTimer(LookAgain.INSTANCE, delay));
    this.lines = desk.lines();
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
      desk.pop(pop.wish(), pop.replyTo());
    } else if (request instanceof QueueRead read) {
      desk.queueRead(read);
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

  private Behavior<Command> onLookAgain() {
    lines.lookAgain();
    return this;
  }

  private void writeSoon(PopState state) {
    ledger.collect(state);
    writer.write();
  }

  private void onReadFailed(ReadFailed failed) {
    Slot slot = lines.slot(failed.lease().queue());
    if (slot.endLease(failed.lease())) {
      lines.serve(slot.queue());
    }
  }

  private void onWatchEnded(WatchEnded ended) {
    if (ended.end() == WatchEnd.GREW) {
      lines.slot(ended.queue()).grew();
      lines.serve(ended.queue());
    } else if (ended.end() == WatchEnd.QUIET) {
      lines.watchAgain(ended.queue());
    } else { // not at once again, it would fail again
      timers.startSingleTimer(ended.queue(), new WatchAgain(ended.queue()), WATCH_PAUSE);
    }
  }

  /** Nobody knows what came meanwhile. */
  private Behavior<Command> onWatchAgain(WatchAgain again) {
    lines.slot(again.queue()).grew();
    lines.serve(again.queue());
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
    lines.serve(ack.queue());
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
    lines.serve(change.queue());
  }

  private void onGiveBack(GiveBack back) {
    PopState state = ledger.find(back.queue());
    if (state == null) {
      return;
    }
    for (Delivery delivery : back.deliveries()) {
      state.giveBack(
          delivery.offset(),
          delivery.popTimeMs(),
          clocks.nowMs().getAsLong(),
          clocks.wallMs().getAsLong());
    }
    writeSoon(state);
    lines.serve(back.queue());
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
      lines.slot(queue).breakLease();
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
    lines.slot(queue).breakLease();
    writeSoon(state);
    lines.serve(queue);
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

  private Behavior<Command> onPostStop() {
    stash.forEach(
        command -> {
          if (command instanceof Requested requested) {
            requested.undelivered();
          }
        });
    writer.refuseWaiting();
    lines.refuseWaiting(GroupRefused.NOT_LEADING);
    return this;
  }
}
