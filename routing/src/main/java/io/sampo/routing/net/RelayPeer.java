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

  /** Hears how requests end that the other node did not answer. Any thread; never blocks. */
  public interface Listener {
    /** The other node doesn't lead the log group, and did nothing. */
    void notLed(RelayPeer peer, Relayed request);

    /**
     * The connection ended, or never came to be.
     *
     * @param sent whether the request may have been carried out
     */
    void lost(RelayPeer peer, Relayed request, boolean sent);
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
    this.listener =
        new RelayLink.Listener() {
          @Override
          public void notLed(Relayed request) {
            listener.notLed(RelayPeer.this, request);
          }

          @Override
          public void lost(Relayed request, boolean sent) {
            listener.lost(RelayPeer.this, request, sent);
          }
        };
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
