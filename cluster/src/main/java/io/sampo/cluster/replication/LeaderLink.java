package io.sampo.cluster.replication;

import io.sampo.cluster.net.ConnectionRules;
import io.sampo.cluster.net.FrameConnection;
import io.sampo.cluster.net.FrameHandler;
import io.sampo.cluster.protocol.ReplicaMessage.Fetched;
import io.sampo.cluster.replication.ReplicationWire.Hello;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A follower's connection to its leader, and a candidate's to whom it catches up with. It ends by
 * itself when nothing was heard for a while; what is sent then is lost. Safe from any thread.
 */
final class LeaderLink {
  private static final Logger LOG = LoggerFactory.getLogger(LeaderLink.class);

  private final Hello hello;
  private final FrameConnection connection;
  private volatile boolean unwanted;

  /**
   * Connects; what is sent meanwhile is kept.
   *
   * @param rules its silence is after how long the connection is taken for dead
   * @param received told what the leader sends, whole and checked; on the thread of the connections
   */
  LeaderLink(
      ReplicationNet net,
      InetSocketAddress address,
      Hello hello,
      ConnectionRules rules,
      Consumer<Fetched> received) {
    this.hello = hello;
    this.connection = net.loop().connect(address, rules, new FromLeader(net, received));
    connection.send(ReplicationWire.encode(hello));
  }

  Hello hello() {
    return hello;
  }

  boolean isOpen() {
    return connection.isOpen();
  }

  void send(ByteBuffer frame) {
    connection.send(frame);
  }

  void close() {
    unwanted = true;
    connection.close();
  }

  /** What the leader says. */
  private final class FromLeader implements FrameHandler {
    private final ReplicationNet net;
    private final Consumer<Fetched> received;
    private boolean heard;

    FromLeader(ReplicationNet net, Consumer<Fetched> received) {
      this.net = net;
      this.received = received;
    }

    @Override
    public void onFrame(FrameConnection from, ByteBuffer frame) {
      if (!heard) {
        heard = true;
        net.heard(hello.leader().node());
      }
      if (!ReplicationWire.isAlive(frame)) {
        received.accept(ReplicationWire.decodeFromLeader(frame));
      }
    }

    @Override
    public void onClosed(FrameConnection from, @Nullable Throwable cause) {
      if (!unwanted) {
        LOG.debug("the connection of {} ended", hello, cause);
        net.lost(hello.leader().node(), cause);
      }
    }
  }
}
