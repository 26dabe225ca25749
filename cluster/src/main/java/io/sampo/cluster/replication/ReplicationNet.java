package io.sampo.cluster.replication;

import io.sampo.cluster.net.ConnectionRules;
import io.sampo.cluster.net.FrameConnection;
import io.sampo.cluster.net.FrameHandler;
import io.sampo.cluster.net.FrameLoop;
import io.sampo.cluster.net.Traffic;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.apache.pekko.Done;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.Extension;
import org.apache.pekko.actor.typed.ExtensionId;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the replicas of a node have in common on their way to those of others: the thread of their
 * connections, which begins with the first of them and ends with the node; the count of bytes; and
 * which nodes can't be reached. Safe from any thread.
 *
 * <p>Always holds: the node ends with that thread. Without it the node would be a member that
 * copies nothing, and what it leads would wait for copies for ever instead of being led elsewhere.
 */
public final class ReplicationNet implements Extension {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicationNet.class);
  private static final Id ID = new Id();
  private static final String THREAD = "sampo-replication";

  /** How a port is knocked at: an answer comes at once, or is too late. */
  private static final ConnectionRules REACH =
      new ConnectionRules(
          ReplicationWire.FOLLOWER_FRAME_BYTES_MAX,
          1,
          Duration.ofMillis(700),
          Duration.ofMillis(700),
          Duration.ofDays(1));

  private final ActorSystem<?> system;
  private final Traffic traffic = new Traffic();
  private final PeersAway away = new PeersAway();
  private @Nullable FrameLoop loop;
  private volatile boolean ending;

  private ReplicationNet(ActorSystem<?> system) {
    this.system = system;
  }

  /** That of an actor system. */
  public static ReplicationNet get(ActorSystem<?> system) {
    return ID.apply(system);
  }

  /** The bytes between this node's replicas and others', headers of TCP and IP not counted. */
  public Traffic traffic() {
    return traffic;
  }

  /**
   * A connection to a node that somebody wanted has ended.
   *
   * @param cause null when the node ended it
   */
  void lost(String node, @Nullable Throwable cause) {
    if (!ending) {
      away.lost(node, cause);
    }
  }

  /** A node was heard over a new connection. */
  void heard(String node) {
    away.heard(node);
  }

  /**
   * Finds out whether a node answers at its replication port.
   *
   * @param reached told once, on the thread of the connections
   */
  void reach(InetSocketAddress address, Consumer<Boolean> reached) {
    loop().connect(address, REACH, new Knock(reached)).send(ReplicationWire.alive());
  }

  /** Waits for a word, whatever it is. */
  private static final class Knock implements FrameHandler {
    private final Consumer<Boolean> reached;
    private boolean heard;

    Knock(Consumer<Boolean> reached) {
      this.reached = reached;
    }

    @Override
    public void onFrame(FrameConnection connection, ByteBuffer frame) {
      heard = true;
      connection.close();
    }

    @Override
    public void onClosed(FrameConnection connection, @Nullable Throwable cause) {
      reached.accept(heard);
    }
  }

  synchronized FrameLoop loop() {
    FrameLoop running = loop;
    if (running == null) {
      running =
          FrameLoop.start(
              THREAD,
              system.dispatchers().lookup(DispatcherSelector.blocking()),
              traffic,
              this::onBroken);
      loop = running;
      endWithTheSystem(running);
    }
    return running;
  }

  /** The connections' thread, its last deed. Nobody can say what it leaves behind. */
  private void onBroken(Throwable cause) {
    ending = true;
    LOG.error("This node stops: the thread of its replication broke; start it again", cause);
    CoordinatedShutdown.get(system).runAll(Broke.INSTANCE);
  }

  /** Why the node stopped by itself. */
  public enum Broke implements CoordinatedShutdown.Reason {
    INSTANCE
  }

  /** Commit logs stop only after this, and find their connections closed. */
  private void endWithTheSystem(FrameLoop running) {
    CoordinatedShutdown.get(system)
        .addTask(
            CoordinatedShutdown.PhaseBeforeActorSystemTerminate(),
            "close-replication",
            () -> close(running).thenApply(closed -> Done.getInstance()));
    // Where the system ends without its phases.
    system.getWhenTerminated().whenComplete((done, failure) -> close(running));
  }

  private CompletionStage<Void> close(FrameLoop running) {
    ending = true;
    return running.close();
  }

  private static final class Id extends ExtensionId<ReplicationNet> {
    @Override
    public ReplicationNet createExtension(ActorSystem<?> system) {
      return new ReplicationNet(system);
    }
  }
}
