package io.sampo.cluster.placement;

import com.typesafe.config.Config;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.pekko.actor.Address;
import org.apache.pekko.event.EventStream;
import org.apache.pekko.remote.FailureDetector;
import org.apache.pekko.remote.FailureDetectorWithAddress;
import org.apache.pekko.remote.PhiAccrualFailureDetector;

/**
 * Pekko's failure detector, which beside silence believes evidence: a member whose process has
 * ended ({@link PeerProbe}) is unreachable at once. The cluster removes no member, not even one
 * that is down, before it is unreachable, so that without this a dead leader is succeeded only
 * after seconds of silence. A heartbeat that comes after the evidence takes it back.
 *
 * <p>Pekko makes one for each member and tells it no more than its actor system's event stream,
 * which is therefore what the evidence of each actor system hangs on. Any thread.
 */
public final class EvidencedFailureDetector implements FailureDetector, FailureDetectorWithAddress {
  private static final Map<EventStream, Set<String>> ENDED =
      Collections.synchronizedMap(new WeakHashMap<>());

  private final PhiAccrualFailureDetector silence;
  private final Set<String> ended;
  private volatile String address = "";

  /** Called by Pekko, which finds this class by its configuration. */
  public EvidencedFailureDetector(Config config, EventStream events) {
    this.silence = new PhiAccrualFailureDetector(config, events);
    this.ended = endedOf(events);
  }

  /** The process of a member has ended, as far as the actor system with this event stream sees. */
  static void ended(EventStream events, Address member) {
    endedOf(events).add(member.toString());
  }

  private static Set<String> endedOf(EventStream events) {
    return ENDED.computeIfAbsent(events, stream -> ConcurrentHashMap.newKeySet());
  }

  @Override
  public void setAddress(String address) {
    this.address = address;
    silence.setAddress(address);
  }

  @Override
  public boolean isAvailable() {
    return !ended.contains(address) && silence.isAvailable();
  }

  @Override
  public boolean isMonitoring() {
    return silence.isMonitoring();
  }

  @Override
  public void heartbeat() {
    ended.remove(address);
    silence.heartbeat();
  }
}
