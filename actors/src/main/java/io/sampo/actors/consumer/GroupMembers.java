package io.sampo.actors.consumer;

import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.ConsumerGroup.Member;
import io.sampo.actors.consumer.ConsumerGroup.MemberLink;
import io.sampo.actors.consumer.ConsumerGroup.Subscription;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who is in a group and what the group wants: the members of the last heartbeats, and for each
 * topic that any member names the subscription of the newest version. Owned by the group's actor;
 * holds no more members and topics than it may. Under a new leader those who were there before are
 * expected, and count as members for a while.
 *
 * <p>A client that is connected several times (to several brokers) has a link of each connection
 * and leaves with the last of them. It is reached over the one that it used last.
 */
final class GroupMembers {
  /** A client connects once to each broker; one that comes with more loses the oldest. */
  private static final int LINKS_MAX = 64;

  private static final class Presence {
    private final List<MemberLink> links = new ArrayList<>(1);
    private Member newest;
    private Map<String, Subscription> subscriptions = Map.of();
    private long lastSeenMs;

    private Presence(Member first) {
      this.newest = first;
    }
  }

  private static final class TopicInterest {
    private Subscription newest;
    private int members;

    private TopicInterest(Subscription first) {
      this.newest = first;
    }
  }

  private final Map<String, Presence> members = new HashMap<>();
  private final Map<String, TopicInterest> topics = new HashMap<>();

  /** Who was there under the leader before, until they come again or are not waited for. */
  private final Set<String> expected = new HashSet<>();

  private final int membersMax;
  private final int topicsMax;
  private @Nullable List<String> sortedIds;
  private int idsVersion;
  private boolean changed;

  GroupMembers(int membersMax, int topicsMax) {
    this.membersMax = membersMax;
    this.topicsMax = topicsMax;
  }

  boolean isEmpty() {
    return members.isEmpty();
  }

  boolean contains(String clientId) {
    return members.containsKey(clientId);
  }

  /** The client ids, of those expected too, sorted; never changed once handed out. */
  List<String> sortedIds() {
    List<String> ids = sortedIds;
    if (ids == null) {
      ids = Stream.concat(members.keySet().stream(), expected.stream()).sorted().toList();
      sortedIds = ids;
    }
    return ids;
  }

  /** Another one after each change of {@link #sortedIds}. */
  int idsVersion() {
    return idsVersion;
  }

  private void idsChanged() {
    sortedIds = null;
    idsVersion++;
  }

  /** The members as their newest heartbeats had them, sorted by their ids. */
  List<Member> members() {
    return members.values().stream()
        .map(presence -> presence.newest)
        .sorted(Comparator.comparing(Member::clientId))
        .toList();
  }

  /** What the group wants, one of each topic. */
  List<Subscription> subscriptions() {
    return topics.values().stream().map(interest -> interest.newest).toList();
  }

  /**
   * Counts those who were there under the leader before as members until they come again: clients
   * send their heartbeats when it suits them, and would otherwise share the queues anew with each.
   */
  void expect(Set<String> clientIds) {
    for (String clientId : clientIds) {
      if (!members.containsKey(clientId)) {
        expected.add(clientId);
      }
    }
    changed |= !expected.isEmpty();
    idsChanged();
  }

  /** Counts those as gone who were expected and didn't come. */
  void expectNoMore() {
    changed |= !expected.isEmpty();
    expected.clear();
    idsChanged();
  }

  /** What the group wants of a topic, null when nobody names it. */
  @Nullable Subscription subscription(String topic) {
    TopicInterest interest = topics.get(topic);
    return interest == null ? null : interest.newest;
  }

  /**
   * Takes over a heartbeat.
   *
   * @return null, or why the heartbeat is refused; then nothing changed
   */
  @Nullable GroupRefused heartbeat(Member member, MemberLink link, long nowMs) {
    Presence presence = members.get(member.clientId());
    if (presence == null && members.size() >= membersMax) {
      return GroupRefused.TOO_MANY_MEMBERS;
    }
    if (topicsWith(member) > topicsMax) {
      return GroupRefused.TOO_MANY_TOPICS;
    }
    if (presence == null) {
      presence = new Presence(member);
      members.put(member.clientId(), presence);
      changed |= !expected.remove(member.clientId());
      idsChanged();
    }
    presence.newest = member;
    presence.lastSeenMs = nowMs;
    if (presence.links.isEmpty() || !presence.links.get(presence.links.size() - 1).equals(link)) {
      presence.links.remove(link);
      presence.links.add(link);
      if (presence.links.size() > LINKS_MAX) {
        presence.links.remove(0);
      }
    }
    subscribe(presence, member.subscriptions());
    return null;
  }

  /** Takes a link of a client away, and with the last one the client. */
  void leave(String clientId, MemberLink link) {
    Presence presence = members.get(clientId);
    if (presence == null) {
      if (expected.remove(clientId)) {
        idsChanged();
        changed = true;
      }
    } else if (presence.links.remove(link) && presence.links.isEmpty()) {
      members.remove(clientId);
      removed(presence);
    }
  }

  /** Removes the members that were last seen before a time. */
  void expire(long seenBeforeMs) {
    members
        .values()
        .removeIf(
            presence -> {
              if (presence.lastSeenMs >= seenBeforeMs) {
                return false;
              }
              removed(presence);
              return true;
            });
  }

  /** True once after the set of members or a subscription changed. */
  boolean takeChange() {
    boolean result = changed;
    changed = false;
    return result;
  }

  /** Tells every member, over the link that it used last, that the group changed. */
  void tellAllChanged(String group) {
    for (Presence presence : members.values()) {
      presence.links.get(presence.links.size() - 1).groupChanged(group);
    }
  }

  /** Tells every connection of every member that offsets were reset: a pull may come over any. */
  void tellAllReset(String group) {
    for (Presence presence : members.values()) {
      presence.links.forEach(link -> link.offsetsReset(group));
    }
  }

  private int topicsWith(Member member) {
    int count = topics.size();
    for (String topic : member.subscriptions().keySet()) {
      if (!topics.containsKey(topic)) {
        count++;
      }
    }
    return count;
  }

  private void removed(Presence presence) {
    subscribe(presence, Map.of());
    idsChanged();
    changed = true;
  }

  private void subscribe(Presence presence, Map<String, Subscription> now) {
    Map<String, Subscription> before = presence.subscriptions;
    presence.subscriptions = now;
    now.forEach(
        (topic, subscription) -> {
          TopicInterest interest = topics.get(topic);
          if (interest == null) {
            interest = new TopicInterest(subscription);
            topics.put(topic, interest);
            changed = true;
          } else if (subscription.version() > interest.newest.version()) {
            changed |= !sameFilter(subscription, interest.newest);
            interest.newest = subscription;
          }
          if (!before.containsKey(topic)) {
            interest.members++;
          }
        });
    for (String topic : before.keySet()) {
      TopicInterest interest = topics.get(topic);
      if (!now.containsKey(topic) && interest != null && --interest.members == 0) {
        topics.remove(topic);
        changed = true;
      }
    }
  }

  /** A new version alone is no change: a client takes one whenever its queues change. */
  private static boolean sameFilter(Subscription a, Subscription b) {
    return a.expression().equals(b.expression()) && a.expressionType().equals(b.expressionType());
  }
}
