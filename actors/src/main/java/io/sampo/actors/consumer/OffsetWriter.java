package io.sampo.actors.consumer;

import io.sampo.actors.consumer.ConsumerGroup.Settled;
import io.sampo.actors.consumer.GroupOffsets.OffsetsMoved;
import io.sampo.cluster.replication.ReplyTo;
import java.util.ArrayList;
import java.util.List;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * Brings what an {@link OffsetLedger} collects to the journal, one batch at a time. Part of the
 * group's actor, on its thread.
 *
 * <p>A commit is written at once, or right after the batch under way; an offset that only advanced
 * waits for company, at most the flush interval.
 */
final class OffsetWriter implements JournalChild.Listener<OffsetTable> {
  /** What the group is told on behalf of its writer, and passes on. */
  sealed interface Event extends ConsumerGroup.InternalCommand {}

  private record JournalTold(JournalChild.News<OffsetTable> news) implements Event {}

  private enum FlushIntervalOver implements Event {
    INSTANCE
  }

  private final TimerScheduler<ConsumerGroup.Command> timers;
  private final ConsumerSettings settings;
  private final OffsetLedger ledger;
  private final JournalChild<ConsumerGroup.Command, OffsetsMoved, OffsetTable> journal;
  private final List<ReplyTo<Settled>> settling = new ArrayList<>();

  private boolean recovered;
  private boolean settled;

  OffsetWriter(
      ActorContext<ConsumerGroup.Command> context,
      TimerScheduler<ConsumerGroup.Command> timers,
      ConsumerGroup.Identity identity,
      ConsumerSettings settings,
      OffsetLedger ledger) {
    this.timers = timers;
    this.settings = settings;
    this.ledger = ledger;
    this.journal =
        new JournalChild<>(
            context,
            timers,
            "the journal of " + identity.group(),
            JournalTold::new,
            parent -> GroupOffsets.create(identity, settings.snapshotEvery(), parent),
            this);
  }

  /** True once the ledger knows what the journal has. */
  boolean hasRecovered() {
    return recovered;
  }

  /**
   * The ledger took something: writes it now if somebody waits for it, or if the next leader may
   * read the journal at any time; or else soon.
   */
  void ledgerChanged() {
    if (ledger.isAwaited() || settled) {
      write();
    } else if (ledger.canWrite() && !timers.isTimerActive(FlushIntervalOver.INSTANCE)) {
      timers.startSingleTimer(FlushIntervalOver.INSTANCE, settings.offsetFlushInterval());
    }
  }

  /** Writes all that was taken and then answers; from then on nothing is put off. */
  void settle(ReplyTo<Settled> replyTo) {
    settled = true;
    settling.add(replyTo);
    write();
    answerSettling();
  }

  /** Handles what the group was told on behalf of this. */
  void on(Event event) {
    if (event instanceof JournalTold told) {
      journal.on(told.news());
    } else {
      write();
    }
  }

  @Override
  public void onRecovered(OffsetTable offsets) {
    ledger.recovered(offsets);
    recovered = true;
    write();
  }

  @Override
  public void onStored() {
    ledger.batchStored();
    if (!settling.isEmpty()) {
      write();
      answerSettling();
    } else {
      ledgerChanged();
    }
  }

  @Override
  public void onLost() {
    ledger.batchLost();
  }

  private void answerSettling() {
    if (ledger.isClean()) {
      settling.forEach(replyTo -> replyTo.tell(Settled.INSTANCE));
      settling.clear();
    }
  }

  /** Writes what has collected, unless a batch is under way: then it goes after it. */
  private void write() {
    if (journal.isWritable() && ledger.canWrite()) {
      timers.cancel(FlushIntervalOver.INSTANCE);
      journal.write(new OffsetsMoved(ledger.startBatch()));
    }
  }
}
