package io.sampo.routing.net;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The port of one log group on another node, to which requests are relayed. Connects when there is
 * something to send and again after a connection has ended. Any thread.
 */
public final class RelayPeer {
  /** Where it listens. */
  public record Address(String host, int port) {
    @Override
    public String toString() {
      return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }
  }

  /** How a request ends that the other node did not answer. */
  public enum Ending {
    /** The other node doesn't lead the log group, or was never sent it. */
    NOT_DONE,
    /** The other node's leadership ended meanwhile; the next leader would notice what was done. */
    LEFT_TO_NEXT,
    /** The connection ended, and it may have been carried out. */
    LOST,
    /** It can't be written, and would break the next connection, too. */
    UNSENDABLE
  }

  /** Hears how requests end that the other node did not answer. Any thread; never blocks. */
  public interface Listener {
    void ended(RelayPeer peer, Relayed request, Ending how);
  }

  private final RelayBootstrap bootstrap;
  private final Address address;
  private final int requestsMax;
  private final Duration idleMax;
  private final RelayLink.Listener listener;
  private volatile @Nullable RelayLink link;

  RelayPeer(
      RelayBootstrap bootstrap,
      Address address,
      int requestsMax,
      Duration idleMax,
      Listener listener) {
    this.bootstrap = bootstrap;
    this.address = address;
    this.requestsMax = requestsMax;
    this.idleMax = idleMax;
    this.listener = (request, how) -> listener.ended(this, request, how);
  }

  public Address address() {
    return address;
  }

  /**
   * Sends a request, which the peer answers or the listener hears of. Event loop of the request.
   *
   * @return false when too many are on their way there
   */
  public boolean send(Relayed request) {
    RelayLink current = link;
    if (current == null || current.isClosed()) {
      current = connected();
    }
    return current.send(request);
  }

  private synchronized RelayLink connected() {
    RelayLink current = link;
    if (current == null || current.isClosed()) {
      current = RelayLink.connect(bootstrap, address, requestsMax, idleMax, listener);
      link = current;
    }
    return current;
  }

  /** Another leads now: whoever still waits for this one after a while hears that it is lost. */
  public void giveUpAfter(Duration patience) {
    RelayLink current = link;
    if (current != null) {
      current.giveUpAfter(patience);
    }
  }

  @Override
  public String toString() {
    return address.toString();
  }
}
