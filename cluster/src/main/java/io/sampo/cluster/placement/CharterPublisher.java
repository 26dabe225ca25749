package io.sampo.cluster.placement;

import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.ddata.Key;
import org.apache.pekko.cluster.ddata.LWWRegister;
import org.apache.pekko.cluster.ddata.LWWRegisterKey;
import org.apache.pekko.cluster.ddata.SelfUniqueAddress;
import org.apache.pekko.cluster.ddata.typed.javadsl.DistributedData;
import org.apache.pekko.cluster.ddata.typed.javadsl.Replicator;

/** Where the charter is put so that every node gets it. Any thread. */
@FunctionalInterface
public interface CharterPublisher {
  /** Under which key it is published to the nodes. */
  Key<LWWRegister<Charter>> KEY = LWWRegisterKey.create("sampo-charter");

  void publish(Charter charter);

  /** Publishes by Distributed Data: the highest revision wins, whichever node it comes from. */
  static CharterPublisher distributed(ActorSystem<?> system) {
    DistributedData data = DistributedData.get(system);
    SelfUniqueAddress self = data.selfUniqueAddress();
    LWWRegister.Clock<Charter> byRevision = (previous, charter) -> charter.revision();
    ActorRef<Replicator.UpdateResponse<LWWRegister<Charter>>> nobody = system.ignoreRef();
    return charter ->
        data.replicator()
            .tell(
                new Replicator.Update<>(
                    KEY,
                    LWWRegister.create(self, Charter.EMPTY, byRevision),
                    Replicator.writeLocal(),
                    nobody,
                    known ->
                        known.value().revision() < charter.revision()
                            ? known.withValue(self, charter, byRevision)
                            : known));
  }
}
