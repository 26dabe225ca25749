package io.sampo.actors.consumer;

import com.fasterxml.jackson.databind.util.StdConverter;
import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Offsets by queue in the form that they cross the network in: JSON has no maps of such keys. */
final class QueueOffsets {
  private QueueOffsets() {}

  record QueueOffset(GroupQueue queue, long offset) {}

  static final class ToList extends StdConverter<Map<GroupQueue, Long>, List<QueueOffset>> {
    @Override
    public List<QueueOffset> convert(Map<GroupQueue, Long> offsets) {
      return offsets.entrySet().stream()
          .map(entry -> new QueueOffset(entry.getKey(), entry.getValue()))
          .toList();
    }
  }

  static final class FromList extends StdConverter<List<QueueOffset>, Map<GroupQueue, Long>> {
    @Override
    public Map<GroupQueue, Long> convert(List<QueueOffset> offsets) {
      return offsets.stream()
          .collect(Collectors.toUnmodifiableMap(QueueOffset::queue, QueueOffset::offset));
    }
  }
}
