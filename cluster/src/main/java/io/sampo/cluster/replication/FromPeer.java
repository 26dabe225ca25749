package io.sampo.cluster.replication;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.cluster.protocol.ReplicaMessage;
import io.sampo.cluster.serialization.ControlMessage;

/**
 * What another replica of the log group says. From actor to actor go the small messages that are
 * named here; those that follow the stream of bytes come over a connection of its own and never
 * through a serializer.
 *
 * @param to whom it says it; another disk of the same node doesn't listen
 */
record FromPeer(
    ReplicaId from,
    ReplicaId to,
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "says")
        @JsonSubTypes({
          @JsonSubTypes.Type(value = ReplicaMessage.Canvass.class, name = "canvass"),
          @JsonSubTypes.Type(value = ReplicaMessage.CanvassGranted.class, name = "granted"),
          @JsonSubTypes.Type(value = ReplicaMessage.Prepare.class, name = "prepare"),
          @JsonSubTypes.Type(value = ReplicaMessage.Promise.class, name = "promise"),
          @JsonSubTypes.Type(value = ReplicaMessage.Refused.class, name = "refused"),
          @JsonSubTypes.Type(value = ReplicaMessage.Leading.class, name = "leading"),
          @JsonSubTypes.Type(value = ReplicaMessage.Follows.class, name = "follows"),
          @JsonSubTypes.Type(value = ReplicaMessage.Diverged.class, name = "diverged"),
          @JsonSubTypes.Type(value = ReplicaMessage.StartsBeyond.class, name = "startsBeyond")
        })
        ReplicaMessage message)
    implements CommitLog.Command, ControlMessage {}
