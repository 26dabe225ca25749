package io.sampo.actors.catalog;

import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.ddata.LWWRegister;
import org.apache.pekko.cluster.ddata.SelfUniqueAddress;
import org.apache.pekko.cluster.ddata.typed.javadsl.DistributedData;
import org.apache.pekko.cluster.ddata.typed.javadsl.Replicator;

/**
 * Where the catalog puts its parts so that every node gets them. Called on the catalog's thread.
 */
@FunctionalInterface
public interface CatalogPublisher {
  void publish(CatalogPart part);

  /**
   * Publishes by Distributed Data: one register per part, in which the highest revision wins,
   * whichever node it comes from.
   */
  static CatalogPublisher distributed(ActorSystem<?> system) {
    DistributedData data = DistributedData.get(system);
    SelfUniqueAddress self = data.selfUniqueAddress();
    LWWRegister.Clock<CatalogPart> byRevision = (previous, part) -> part.revision();
    ActorRef<Replicator.UpdateResponse<LWWRegister<CatalogPart>>> nobody = system.ignoreRef();
    return part ->
        data.replicator()
            .tell(
                new Replicator.Update<>(
                    CatalogPart.key(part.index()),
                    LWWRegister.create(self, CatalogPart.empty(part.index()), byRevision),
                    Replicator.writeLocal(),
                    nobody,
                    known ->
                        known.value().revision() < part.revision()
                            ? known.withValue(self, part, byRevision)
                            : known));
  }
}
