package io.sampo.actors.consumer;

import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.PopChanges.HeldRun;
import io.sampo.actors.consumer.PopChanges.ModeChange;
import io.sampo.actors.consumer.PopChanges.QueueChange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the journal knows of a group's pops: all changes put over each other. Changes in place, as
 * copying thousands of held offsets with each batch would cost more than the batch. Owned by {@link
 * GroupPops}; what leaves it is a {@link PopChanges} of everything.
 */
final class PopTable {
  private record Delivery(long popTimeMs, long invisibleMs, int deliveries) {}

  private static final class QueueRows {
    private long next;
    private final TreeMap<Long, Delivery> held = new TreeMap<>();
  }

  private final Map<GroupQueue, QueueRows> queues = new HashMap<>();
  private final Map<String, ModeChange> modes = new HashMap<>();

  /** Puts changes over what is there; gives itself. */
  PopTable apply(PopChanges changes) {
    changes.queues().forEach(this::applyQueue);
    changes.modes().forEach(mode -> modes.put(mode.topic(), mode));
    return this;
  }

  private void applyQueue(QueueChange change) {
    QueueRows rows = queues.computeIfAbsent(change.queue(), missing -> new QueueRows());
    if (change.restarted()) {
      rows.held.clear();
    }
    rows.next = change.next();
    change.forEachGone(rows.held::remove);
    for (HeldRun run : change.held()) {
      Delivery delivery = new Delivery(run.popTimeMs(), run.invisibleMs(), run.deliveries());
      run.forEachOffset(offset -> rows.held.put(offset, delivery));
    }
  }

  /** Everything, as the changes that make it from nothing. */
  PopChanges whole() {
    List<QueueChange> all = new ArrayList<>(queues.size());
    queues.forEach(
        (queue, rows) -> all.add(QueueChange.of(queue, true, rows.next, List.of(), runs(rows))));
    return new PopChanges(all, List.copyOf(modes.values()));
  }

  private static List<HeldRun> runs(QueueRows rows) {
    Map<Delivery, List<Long>> offsets = new HashMap<>();
    rows.held.forEach(
        (offset, delivery) ->
            offsets.computeIfAbsent(delivery, missing -> new ArrayList<>()).add(offset));
    List<HeldRun> runs = new ArrayList<>(offsets.size());
    offsets.forEach(
        (delivery, list) ->
            runs.add(
                HeldRun.of(
                    delivery.popTimeMs(), delivery.invisibleMs(), delivery.deliveries(), list)));
    return runs;
  }
}
