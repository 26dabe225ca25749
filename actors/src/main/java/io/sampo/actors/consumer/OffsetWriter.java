package io.sampo.actors.consumer;

import io.sampo.actors.consumer.ConsumerGroup.Settled;
import io.sampo.cluster.replication.ReplyTo;
import java.util.ArrayList;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/**
 * Brings what an {@link OffsetLedger} collects to the journal: owns the child that writes, gives it
 * one batch at a time, and starts it again after a growing pause when it ends. Part of the group's
 * actor, on its thread.
 *
 * <p>A commit is written at once, or right after the batch under way; an offset that only advanced
 * waits for company, at most the flush interval.
 */
final class OffsetWriter {
  /** What the group is told on behalf of its writer, and passes on. */
  sealed interface Event extends ConsumerGroup.InternalCommand {}

  /** The child told something. */
  record Told(GroupOffsets.Told told) implements Event {}

  private enum ChildEnded implements Event {
    INSTANCE
  }

  private enum StartChild implements Event {
    INSTANCE
  }

  private enum FlushIntervalOver implements Event {
    INSTANCE
  }

  private final TimerScheduler<ConsumerGroup.Command> timers;
  private final ConsumerSettings settings;
  private final OffsetLedger ledger;
  private final ActorRef<GroupOffsets.Told> childTells;
  private final JournalChild<ConsumerGroup.Command, GroupOffsets.Command> journal;
  private final List<ReplyTo<Settled>> settling = new ArrayList<>();

  /** The child while it takes batches: from the end of its recovery to its own. */
  private @Nullable ActorRef<GroupOffsets.Command> child;

  private boolean recovered;

  OffsetWriter(
      ActorContext<ConsumerGroup.Command> context,
      TimerScheduler<ConsumerGroup.Command> timers,
      ConsumerGroup.Identity identity,
      ConsumerSettings settings,
      OffsetLedger ledger) {
    this.timers = timers;
    this.settings = settings;
    this.ledger = ledger;
    this.childTells = context.messageAdapter(GroupOffsets.Told.class, Told::new);
    this.journal =
        new JournalChild<>(
            context,
            timers,
            "the journal of " + identity.group(),
            GroupOffsets.create(
                identity.home(), identity.group(), settings.snapshotEvery(), childTells),
            ChildEnded.INSTANCE,
            StartChild.INSTANCE);
    journal.start();
  }

  /** True once the ledger knows what the journal has. */
  boolean hasRecovered() {
    return recovered;
  }

  /** The ledger took something: writes it now if somebody waits for it, or else soon. */
  void ledgerChanged() {
    if (ledger.isAwaited()) {
      write();
    } else if (ledger.canWrite() && !timers.isTimerActive(FlushIntervalOver.INSTANCE)) {
      timers.startSingleTimer(FlushIntervalOver.INSTANCE, settings.offsetFlushInterval());
    }
  }

  /** Writes all that was taken and then answers. */
  void settle(ReplyTo<Settled> replyTo) {
    settling.add(replyTo);
    write();
    answerSettling();
  }

  /** Handles what the group was told on behalf of this. */
  void on(Event event) {
    if (event instanceof Told message) {
      onTold(message.told());
    } else if (event == ChildEnded.INSTANCE) {
      onChildEnded();
    } else if (event == StartChild.INSTANCE) {
      journal.start();
    } else {
      write();
    }
  }

  private void onTold(GroupOffsets.Told told) {
    if (told instanceof GroupOffsets.Recovered fromJournal) {
      ledger.recovered(fromJournal.offsets());
      recovered = true;
      child = fromJournal.writer();
      write();
      return;
    }
    journal.onStored();
    ledger.batchStored();
    if (!settling.isEmpty()) {
      write();
      answerSettling();
    } else {
      ledgerChanged();
    }
  }

  private void answerSettling() {
    if (ledger.isClean()) {
      settling.forEach(replyTo -> replyTo.tell(Settled.INSTANCE));
      settling.clear();
    }
  }

  /** Gives the child what has collected, unless it has a batch: then this goes after it. */
  private void write() {
    if (child != null && ledger.canWrite()) {
      timers.cancel(FlushIntervalOver.INSTANCE);
      child.tell(new GroupOffsets.Store(ledger.startBatch(), childTells));
    }
  }

  private void onChildEnded() {
    journal.onEnded();
    child = null;
    ledger.batchLost();
  }
}
