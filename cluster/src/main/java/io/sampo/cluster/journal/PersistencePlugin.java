package io.sampo.cluster.journal;

import io.sampo.cluster.replication.LocalLogs;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.jspecify.annotations.Nullable;
import scala.concurrent.Future;
import scala.jdk.javaapi.FutureConverters;

/**
 * What journal and snapshot store have in common: they find the log of a persistence id, keep the
 * operations of an id in order, run them on the plugins' own dispatcher, and serialize as Pekko is
 * configured to. Safe from any thread.
 */
final class PersistencePlugin {
  /** What waits for the disk on behalf of persistent actors runs there. */
  static final String DISPATCHER = "sampo.journal.dispatcher";

  private final LocalLogs logs;
  private final String defaultLogGroup;
  private final Executor executor;
  private final InOrder inOrder;
  private final Serialization serialization;

  PersistencePlugin(ActorSystem system) {
    logs = LocalLogs.get(Adapter.toTyped(system));
    defaultLogGroup = system.settings().config().getString("sampo.journal.default-log-group");
    executor = system.dispatchers().lookup(DISPATCHER);
    inOrder = new InOrder(executor);
    serialization = SerializationExtension.get(system);
  }

  /**
   * Runs an operation on the log of a persistence id, after all earlier ones of the id. What it
   * throws fails the future.
   */
  <T extends @Nullable Object> Future<T> onLogOf(
      String persistenceId, Function<PersistenceLog, ? extends CompletionStage<T>> operation) {
    return FutureConverters.asScala(
        inOrder.run(
            persistenceId,
            () -> {
              String logGroup = PersistenceQueues.logGroupOf(persistenceId, defaultLogGroup);
              return operation.apply(PersistenceLog.led(logs, logGroup, executor));
            }));
  }

  /** The bytes of an object, with all that is needed to read it again. */
  byte[] toBytes(Object object) {
    return serialization.serialize(object).get();
  }

  <T> T fromBytes(byte[] bytes, Class<T> type) {
    return serialization.deserialize(bytes, type).get();
  }
}
