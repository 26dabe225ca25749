package io.sampo.cluster.placement;

import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.ddata.Key;
import org.apache.pekko.cluster.ddata.LWWMap;
import org.apache.pekko.cluster.ddata.SelfUniqueAddress;
import org.apache.pekko.cluster.ddata.typed.javadsl.DistributedData;
import org.apache.pekko.cluster.ddata.typed.javadsl.Replicator;

/**
 * How a node writes to a map of Distributed Data: at home, from where it spreads, and without
 * waiting; the last writer of a name wins. What is there already is not written again. Safe from
 * any thread.
 */
final class SpreadMap<V> {
  private final Key<LWWMap<String, V>> key;
  private final SelfUniqueAddress self;
  private final ActorRef<Replicator.Command> replicator;
  private final ActorRef<Replicator.UpdateResponse<LWWMap<String, V>>> nobody;

  SpreadMap(ActorSystem<?> system, Key<LWWMap<String, V>> key) {
    DistributedData data = DistributedData.get(system);
    this.key = key;
    this.self = data.selfUniqueAddress();
    this.replicator = data.replicator();
    this.nobody = system.ignoreRef();
  }

  void put(Map<String, ? extends V> values) {
    update(
        known -> {
          LWWMap<String, V> next = known;
          for (Map.Entry<String, ? extends V> each : values.entrySet()) {
            if (!next.get(each.getKey()).contains(each.getValue())) {
              next = next.put(self, each.getKey(), each.getValue());
            }
          }
          return next;
        });
  }

  void remove(String name) {
    update(known -> known.remove(self, name));
  }

  private void update(UnaryOperator<LWWMap<String, V>> change) {
    replicator.tell(
        new Replicator.Update<>(key, LWWMap.create(), Replicator.writeLocal(), nobody, change));
  }
}
