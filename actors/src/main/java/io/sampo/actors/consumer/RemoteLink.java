package io.sampo.actors.consumer;

import io.sampo.actors.consumer.ConsumerGroup.MemberLink;
import io.sampo.cluster.serialization.ControlMessage;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * A member's connection to another node. That node knows it by a number of its own, which it never
 * gives twice. Like a connection it may be gone at any time; then nobody hears what is told here.
 *
 * @param node tells the connections of the member's node
 */
public record RemoteLink(ActorRef<LinkEvent> node, long link) implements MemberLink {
  /** What the node of a connection is told. */
  public sealed interface LinkEvent extends ControlMessage {
    /** The connection's number. */
    long link();
  }

  /** See {@link MemberLink#groupChanged}. */
  public record GroupChanged(long link, String group) implements LinkEvent {}

  /** See {@link MemberLink#offsetsReset}. */
  public record OffsetsWereReset(long link, String group) implements LinkEvent {}

  @Override
  public void groupChanged(String group) {
    node.tell(new GroupChanged(link, group));
  }

  @Override
  public void offsetsReset(String group) {
    node.tell(new OffsetsWereReset(link, group));
  }
}
