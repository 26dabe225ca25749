package io.sampo.actors.consumer;

import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.PopChanges.ModeChange;
import io.sampo.actors.consumer.PopChanges.QueueChange;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The pop states of a group's queues, its topics' ways of consumption, and which changes of them
 * still have to be written. Pure; owned by {@link PopKeeper}. Whoever was handed something or
 * acknowledged it is answered once the batch is durable that holds the change.
 *
 * <p>While one batch is written, changes collect to the next, which has the state at its start:
 * what was popped and acknowledged meanwhile costs one entry.
 */
final class PopLedger {
  private final Map<GroupQueue, PopState> states = new HashMap<>();
  private final Map<String, ModeChange> modes = new HashMap<>();
  private final int queuesMax;

  private Map<GroupQueue, PopState> changed = new LinkedHashMap<>();
  private Map<String, ModeChange> changedModes = new HashMap<>();
  private Collection<PopState> underway = List.of();
  private Map<String, ModeChange> modesUnderway = Map.of();
  private boolean writing;

  /**
   * @param queuesMax queues that may have a state
   */
  PopLedger(int queuesMax) {
    this.queuesMax = queuesMax;
  }

  /** Takes what the journal has. Once, before anything else. */
  void recovered(PopChanges whole, long nowMs, long wallMs) {
    for (QueueChange queue : whole.queues()) {
      states.put(queue.queue(), PopState.recovered(queue, nowMs, wallMs));
    }
    whole.modes().forEach(mode -> modes.put(mode.topic(), mode));
  }

  /** The state of a queue, null when the group never popped it. */
  @Nullable PopState find(GroupQueue queue) {
    return states.get(queue);
  }

  Collection<PopState> states() {
    return states.values();
  }

  /** True when no queue can get a state that has none. */
  boolean isFull() {
    return states.size() >= queuesMax;
  }

  /** The state of a queue; a new one begins at the offset. The caller has asked {@link #isFull}. */
  PopState begin(GroupQueue queue, long offset) {
    return states.computeIfAbsent(queue, missing -> new PopState(missing, offset));
  }

  /** How the topic is consumed, null when nobody said. */
  @Nullable ModeChange mode(String topic) {
    return modes.get(topic);
  }

  /** How many topics have a mode. */
  int modeCount() {
    return modes.size();
  }

  /** Sets how a topic is consumed. */
  void setMode(ModeChange mode) {
    modes.put(mode.topic(), mode);
    changedModes.put(mode.topic(), mode);
  }

  /** Has the state's changes written with the next batch. */
  void collect(PopState state) {
    if (state.hasChanged()) {
      changed.put(state.queue(), state);
    }
  }

  /** True when there are changes and no batch is under way. */
  boolean canWrite() {
    return !writing && !(changed.isEmpty() && changedModes.isEmpty());
  }

  /** Makes what was collected the batch under way. */
  PopChanges startBatch() {
    underway = changed.values();
    modesUnderway = changedModes;
    changed = new LinkedHashMap<>();
    changedModes = new HashMap<>();
    writing = true;
    List<QueueChange> queues = new ArrayList<>(underway.size());
    underway.forEach(state -> queues.add(state.startBatch()));
    return new PopChanges(queues, List.copyOf(modesUnderway.values()));
  }

  /**
   * The batch under way is durable.
   *
   * @return the states that it had changes of
   */
  Collection<PopState> batchStored() {
    Collection<PopState> stored = underway;
    stored.forEach(PopState::batchStored);
    endBatch();
    return stored;
  }

  /** Whether the batch under way is durable is not known: it is written again with the next. */
  void batchLost() {
    for (PopState state : underway) {
      state.batchLost();
      changed.put(state.queue(), state);
    }
    modesUnderway.forEach(changedModes::putIfAbsent);
    endBatch();
  }

  private void endBatch() {
    underway = List.of();
    modesUnderway = Map.of();
    writing = false;
  }
}
