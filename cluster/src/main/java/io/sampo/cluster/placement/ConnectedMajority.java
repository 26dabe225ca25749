package io.sampo.cluster.placement;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import org.apache.pekko.actor.Address;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.Reachability;
import org.apache.pekko.cluster.UniqueAddress;
import org.apache.pekko.cluster.sbr.DowningStrategy;
import org.apache.pekko.cluster.sbr.KeepMajority;
import scala.Option;
import scala.collection.immutable.Set;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Who goes when members don't hear each other: Pekko's keep-majority, but for a network that isn't
 * torn in two. There Pekko takes out everybody who doesn't hear somebody or isn't heard by
 * somebody; of three nodes with one cut cable that is two, and all three when one hears nobody but
 * is heard. Here only as many go as is needed for the others to hear each other ({@link
 * UnheardPairs}): nodes that only learn before those that vote, then the younger ones. So who comes
 * back while the cable is still cut goes again, and nobody else.
 *
 * <p>Owned by Pekko's split-brain resolver, and used by that actor alone. What is known is told to
 * keep-majority as well, which answers everything else.
 */
final class ConnectedMajority extends DowningStrategy {
  private final Option<String> role;
  private final KeepMajority majority;
  private final Comparator<Member> dearest;

  /**
   * @param voterRole the role of the members that count for a majority
   */
  ConnectedMajority(String dataCenter, String voterRole, UniqueAddress self) {
    super(dataCenter, self);
    this.role = Option.apply(voterRole);
    this.majority = new KeepMajority(dataCenter, role, self);
    this.dearest =
        Comparator.<Member, Boolean>comparing(member -> !member.hasRole(voterRole))
            .thenComparing(ConnectedMajority::byAge);
  }

  private static int byAge(Member one, Member other) {
    if (one.uniqueAddress().equals(other.uniqueAddress())) {
      return 0;
    }
    return one.isOlderThan(other) ? -1 : 1;
  }

  @Override
  public Option<String> role() {
    return role;
  }

  @Override
  public Decision decide() {
    return majority.decide();
  }

  /** A network that is torn as well is a matter for keep-majority until one part of it is gone. */
  @Override
  public Set<UniqueAddress> nodesToDown(Decision decision) {
    return decision.isIndirectlyConnected() && unreachableButNotIndirectlyConnected().isEmpty()
        ? fewestToDown()
        : majority.nodesToDown(decision);
  }

  private Set<UniqueAddress> fewestToDown() {
    Map<UniqueAddress, Member> staying = new HashMap<>();
    for (Member member : CollectionConverters.asJava(members().union(joining()))) {
      staying.put(member.uniqueAddress(), member);
    }
    UnheardPairs<Member> pairs = new UnheardPairs<>();
    for (Reachability.Record record : CollectionConverters.asJava(reachability().records())) {
      Member observer = staying.get(record.observer());
      Member subject = staying.get(record.subject());
      if (observer != null && subject != null) {
        pairs.add(observer, subject);
      }
    }
    java.util.Set<UniqueAddress> going = new java.util.HashSet<>();
    pairs.toGo(dearest).forEach(member -> going.add(member.uniqueAddress()));
    return CollectionConverters.asScala(going).toSet();
  }

  @Override
  public void add(Member member) {
    super.add(member);
    majority.add(member);
  }

  @Override
  public void addReachable(Member member) {
    super.addReachable(member);
    majority.addReachable(member);
  }

  @Override
  public void addUnreachable(Member member) {
    super.addUnreachable(member);
    majority.addUnreachable(member);
  }

  @Override
  public void remove(Member member) {
    super.remove(member);
    majority.remove(member);
  }

  @Override
  public void setReachability(Reachability seen) {
    super.setReachability(seen);
    majority.setReachability(seen);
  }

  @Override
  public void setSeenBy(Set<Address> seen) {
    super.setSeenBy(seen);
    majority.setSeenBy(seen);
  }
}
