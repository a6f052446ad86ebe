import { Anchor, type AnchorProps } from "@mantine/core";
import { createLink, type LinkComponent } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, ReactNode } from "react";

type Props = AnchorProps & Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof AnchorProps>;

/** A link in a text, to a page of the app. */
export const TextLink: LinkComponent<(props: Props) => ReactNode> = createLink((props: Props) => <Anchor {...props} />);
