package io.sampo.cluster.replication;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import io.sampo.cluster.serialization.ControlMessage;
import io.sampo.cluster.serialization.Enclosed;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * Where the answer goes when who asked is on another node: to an actor there that knows who that
 * was. The only {@link ReplyTo} that can leave its JVM.
 *
 * @param node takes the answers for its node
 * @param question its number there
 * @param <T> the answers
 */
public record RemoteReplyTo<T extends ControlMessage>(ActorRef<Answer> node, long question)
    implements ReplyTo<T> {
  /** An answer on its way. */
  public record Answer(
      long question,
      @JsonSerialize(using = Enclosed.Writer.class) @JsonDeserialize(using = Enclosed.Reader.class)
          ControlMessage reply)
      implements ControlMessage {}

  @Override
  public void tell(T reply) {
    node.tell(new Answer(question, reply));
  }
}
